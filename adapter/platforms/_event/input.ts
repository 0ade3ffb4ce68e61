import type { ModelRow } from '../../../core/row.ts';
import { CallerError } from '../../errors.ts';
import { decodeText } from '../../http/charset.ts';
import { fileField } from '../../inputs/file-keys.ts';
import { JsonText } from '../../json/exact.ts';
import { objectParameters, type StoredObject } from './object.ts';

/** One input for the model, without the envelopes of its services. */
export type EventInput =
  | { readonly kind: 'object'; readonly object: StoredObject }
  /** A file at an `http:` or `https:` URL. */
  | { readonly kind: 'url'; readonly url: string }
  /** The members of an object, see JsonText.members. */
  | { readonly kind: 'parameters'; readonly parameters: unknown }
  /** A message that is not JSON. */
  | { readonly kind: 'text'; readonly text: string }
  /** A message that is not text. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** An envelope without an input for a model. */
  | { readonly kind: 'refused'; readonly error: CallerError };

/**
 * The input for an envelope that has none for a model.
 *
 * @param what names it, for example "an event of CloudFront" @param hint what to do; default: to send parameters
 */
export function refusedInput(what: string, hint = sendParameters): EventInput {
  return { kind: 'refused', error: new CallerError(400, 'EVENT', `${what} has no input for the model`, { hint }) };
}

const sendParameters = "have something send the model's parameters instead, as a JSON object";

/** Takes the inputs out of a document that is an envelope; undefined for any other document. */
export type Unwrap = (document: JsonText) => readonly EventInput[] | undefined;

/** The inputs that a message holds. */
export function messageInputs(message: string, unwrap: Unwrap): readonly EventInput[] {
  let document: JsonText;
  try {
    document = JsonText.parse(message);
  } catch {
    return [{ kind: 'text', text: message }];
  }
  return unwrap(document) ?? [{ kind: 'parameters', parameters: document.members() ?? document.value }];
}

/**
 * The parameters of the call for an input (see invocationRequest). For a model that takes a file, a text is the file's
 * URL, and bytes are the file.
 *
 * @throws CallerError 400 for a refused input, and for bytes if the model does not take a file
 */
export function inputParameters(given: EventInput, { predict: { input } }: ModelRow): unknown {
  const field = fileField(input);
  switch (given.kind) {
    case 'object':
      return objectParameters(given.object);
    case 'url':
      return { [field === undefined ? 'url' : `${field}_url`]: given.url };
    case 'parameters':
      return given.parameters;
    case 'text':
      return field === undefined ? given.text : { [`${field}_url`]: given.text.trim() };
    case 'bytes':
      if (field !== undefined) return { [`${field}_base64`]: given.bytes.toString('base64') };
      throw new CallerError(400, 'EVENT', 'the message is neither JSON nor text', {
        hint: 'this model takes a JSON object of parameters',
      });
    case 'refused':
      throw given.error;
  }
}

/** The inputs in a binary message: those in its text if it is UTF-8, else the bytes. */
export function bytesInputs(message: Buffer, unwrap: Unwrap): readonly EventInput[] {
  const text = decodeText(message, undefined);
  return text === undefined ? [{ kind: 'bytes', bytes: message }] : messageInputs(text, unwrap);
}
