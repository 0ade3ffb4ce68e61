/** The time of day with seconds, on a 24-hour clock in every language, so that its width is the same. */
export function clockTime(milliseconds: number): string {
  return new Date(milliseconds).toLocaleTimeString(undefined, { hour12: false });
}
