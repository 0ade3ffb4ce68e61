/** Seconds, for example of Age. The maximum is 2,147,483,647; larger numbers are cut to it. */
export function renderSeconds(value: string): string | undefined {
  const [, digits] = /^(\d{1,11})\d*[ \t]*$/.exec(value) ?? [];
  return digits === undefined ? undefined : String(Math.min(Number(digits), 2 ** 31 - 1));
}
