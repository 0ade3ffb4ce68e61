import { quote, Scanner } from './scanner.ts';
import { renderDate } from './dates.ts';
import { renderList } from './token-lists.ts';

export function renderEntityTag(value: string): string | undefined {
  const scanner = new Scanner(value);
  const tag = entityTag(scanner);
  return scanner.isAtEnd ? tag : undefined;
}

/** If-Match and If-None-Match: `*` or tags. */
export function renderEntityTags(value: string): string | undefined {
  return value === '*' ? value : renderList(value, entityTag) || undefined;
}

/** If-Range. */
export function renderTagOrDate(value: string): string | undefined {
  return renderEntityTag(value) ?? renderDate(value);
}

function entityTag(scanner: Scanner): string | undefined {
  const [, weak = '', tag] = scanner.take(/(W\/)?"([!#-~\u0080-\ufffe]*)"/y) ?? [];
  return tag === undefined ? undefined : weak + quote(tag);
}
