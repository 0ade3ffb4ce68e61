/** The time of day with seconds, as long in every language. */
export function clockTime(milliseconds: number): string {
  return new Date(milliseconds).toLocaleTimeString(undefined, { hour12: false });
}
