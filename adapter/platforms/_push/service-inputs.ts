import { JsonText } from '../../json/exact.ts';
import { isJsonObject } from '../../json/object.ts';
import { envelopeInputs } from '../_event/envelope.ts';
import { mayBeEnvelope } from '../_event/envelope-marks.ts';
import { checkEvent } from '../_event/event.ts';
import { azureServiceInputs } from '../_event/event-grid.ts';
import { googleServiceInputs } from '../_event/google-envelope.ts';
import { refusedInput, type EventInput } from '../_event/input.ts';
import * as z from 'zod';

/**
 * The inputs of a CloudEvent of a cloud's service. Undefined for an event whose data is the input.
 *
 * @param type the event's type @param body its data
 * @throws CallerError 400
 */
export function serviceInputs(type: string, body: Buffer): readonly EventInput[] | undefined {
  const data = jsonOf(body);
  const known =
    googleServiceInputs(type, data, envelopeInputs) ??
    azureServiceInputs(type, data?.value) ??
    ibmServiceInputs(type, data?.value) ??
    (data && mayBeEnvelope(body) ? envelopeInputs(data) : undefined);
  if (known !== undefined) return known;
  if (!/^(com\.amazon(aws)?|aws|dev\.knative\.apiserver)\./.test(type)) return undefined;
  return [refusedInput(`an event ${type}`, "have the source send the model's parameters instead, as a JSON object")];
}

/** Events about objects written to IBM's object storage (cloud.ibm.com/docs/codeengine, "cos-producer"). */
function ibmServiceInputs(type: string, data: unknown): readonly EventInput[] | undefined {
  if (!type.startsWith('com.ibm.cloud.cos.')) return undefined;
  if (type !== 'com.ibm.cloud.cos.document.write') return [];
  const { bucket, key } = checkEvent(z.object({ bucket: z.string(), key: z.string() }), data, type);
  return [{ kind: 'object', object: { bucket, key } }];
}

function jsonOf(body: Buffer): JsonText | undefined {
  try {
    const document = JsonText.parse(body.toString());
    return isJsonObject(document.value) || Array.isArray(document.value) ? document : undefined;
  } catch {
    return undefined;
  }
}
