/** What the log says about a call: sizes and times, never a body, a header or a query. */
export interface CallRecord {
  /** The platform's name for the call. */
  readonly activationId: string | undefined;
  readonly traceId: string | undefined;
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly status: number;
  /** The code of the error that interrupted the reply. */
  readonly code: string | undefined;
  /** Time from the platform's event to the reply's last byte. */
  readonly milliseconds: number;
  /** The model server's part of `milliseconds`. */
  readonly modelMilliseconds: number;
  readonly bytesIn: number | undefined;
  readonly bytesOut: number;
}

/** One line of JSON about a call, with a line break. Undefined members are left out. */
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

/** What the log says first, so that it tells which adapter runs. */
export interface StartRecord {
  readonly version: string;
  /** The platform's name, as for MODELWHISK_PLATFORM. */
  readonly platform: string;
  /** The model's name. */
  readonly model: string;
}

/** One line of JSON about the start, with a line break. */
export function startLine({ version, platform, model }: StartRecord): string {
  const record = { time: new Date().toISOString(), message: 'modelwhisk starts', version, platform, model };
  return `${JSON.stringify(record)}\n`;
}

/** One line of JSON in the place of lines about calls that were dropped, with a line break. */
export function droppedLine(count: number): string {
  const message = `modelwhisk dropped the lines of ${count} calls, because the log is not read fast enough`;
  return `${JSON.stringify({ time: new Date().toISOString(), message })}\n`;
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
