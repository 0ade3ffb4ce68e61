/**
 * Whether a body may be an envelope (see envelopeInputs). This avoids parsing every other body, and loading the schemas.
 *
 * @param body JSON
 */
export function mayBeEnvelope(body: Buffer): boolean {
  return marks.some((mark) => body.includes(mark));
}

const marks = [
  ['"subscription"', '"publishTime"'],
  ['"TopicArn"', '"detail-type"', '"eventSource"', '"EventSource"', '"Records"'],
  ['"eventType"', '"specversion"'],
].flat();
