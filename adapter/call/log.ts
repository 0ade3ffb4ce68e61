import type { Call } from './call-model.ts';

/**
 * Writes one JSON line about a call to stdout: sizes and times, never a body, a header or a query.
 *
 * @param total milliseconds from the platform's event to the reply being ready for it
 */
export function logCall(activationId: string | undefined, call: Call, total: number): void {
  const { request, response, modelMilliseconds } = call;
  const record = {
    activationId,
    method: request?.method,
    path: request?.path,
    status: response.status,
    modelMilliseconds: round(modelMilliseconds),
    adapterMilliseconds: round(total - modelMilliseconds),
    bytesIn: request?.body.length ?? 0,
    bytesOut: response.body.length,
  };
  process.stdout.write(`${JSON.stringify(record)}\n`);
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
