/**
 * When a call has to end so that its reply is still in time: `margin` milliseconds earlier, but at most a tenth of the
 * remaining time.
 *
 * @param end when the platform stops waiting, in epoch milliseconds
 */
export function withMargin(end: number, margin: number): number {
  return end - Math.min(margin, Math.max(end - Date.now(), 0) / 10);
}
