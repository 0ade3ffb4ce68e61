import type { Header } from './model/model-server.ts';

/** The first header of this name (lower case), whatever the case it was sent in. */
export function headerValue(headers: readonly Header[], name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1];
}

/** The headers without those of these names (lower case). */
export function withoutHeaders(headers: readonly Header[], names: readonly string[]): readonly Header[] {
  return headers.filter(([each]) => !names.includes(each.toLowerCase()));
}
