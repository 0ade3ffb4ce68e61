import type { JsonText } from '../../json/exact.ts';
import { awsInputs } from './aws-envelope.ts';
import { eventGridInputs } from './event-grid.ts';
import { pubSubInputs } from './google-envelope.ts';
import type { EventInput, Unwrap } from './input.ts';

/**
 * The inputs in an envelope of a service that delivers to other clouds as well: Pub/Sub, SNS, S3 and compatible stores,
 * EventBridge, Event Grid, CloudEvents as JSON. Undefined for any other document.
 *
 * @param unwrap takes the inputs out of what is in the envelope. Default: these services' envelopes again
 * @throws CallerError 400 for a malformed event
 */
export function envelopeInputs(
  document: JsonText,
  unwrap: Unwrap = (each) => envelopeInputs(each),
): readonly EventInput[] | undefined {
  return pubSubInputs(document, unwrap) ?? eventGridInputs(document, unwrap) ?? awsInputs(document, unwrap);
}
