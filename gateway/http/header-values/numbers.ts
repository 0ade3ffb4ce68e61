/** Seconds, for example of Age; more than 2,147,483,647 are so many. */
export function renderSeconds(value: string): string | undefined {
  const [, digits] = /^(\d{1,11})\d*[ \t]*$/.exec(value) ?? [];
  return digits === undefined ? undefined : String(Math.min(Number(digits), 2 ** 31 - 1));
}
