/** What a line of the log says about a call: sizes and times, never a body, a header or a query. */
export interface CallRecord {
  /** The platform's name for the call. */
  readonly activationId: string | undefined;
  readonly traceId: string | undefined;
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly status: number;
  /** Of the error that the reply broke off with. */
  readonly code: string | undefined;
  /** From the platform's event to the reply's last byte. */
  readonly milliseconds: number;
  /** As much of them as the model server took. */
  readonly modelMilliseconds: number;
  readonly bytesIn: number | undefined;
  readonly bytesOut: number;
}

/** One JSON line about a call, with its line end. What is undefined is left out. */
export function callLine({ milliseconds, modelMilliseconds, bytesIn, bytesOut, ...names }: CallRecord): string {
  const record = {
    time: new Date().toISOString(),
    ...names,
    modelMilliseconds: round(modelMilliseconds),
    adapterMilliseconds: round(milliseconds - modelMilliseconds),
    bytesIn,
    bytesOut,
  };
  return `${JSON.stringify(record)}\n`;
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
