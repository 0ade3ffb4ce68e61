/**
 * When a call has to end so that its reply is still in time: `margin` milliseconds earlier, but at most a tenth of the
 * remaining time.
 *
 * @param end when the platform stops waiting, in epoch milliseconds
 */
export function withMargin(end: number, margin: number): number {
  return end - Math.min(margin, Math.max(end - Date.now(), 0) / 10);
}

/**
 * When a call has to end, in epoch milliseconds: 60 seconds from now if the platform does not say when it stops waiting.
 * A past `end` means that the clocks differ, because no platform calls after its deadline.
 */
export function callDeadline(end: number | undefined, margin: number): number {
  const now = Date.now();
  return withMargin(end !== undefined && end > now ? end : now + 60_000, margin);
}
