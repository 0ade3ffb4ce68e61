import { isJsonObject, type Json } from '../json/json.ts';
import { parseJson } from '../json/parse.ts';
import { printJson } from '../json/print.ts';
import type { ActivationResponse } from './activation.ts';
import type { ContainerReply } from './client.ts';

/**
 * What to do after a call: return the response and keep or remove the instance, run the activation again on another
 * instance, or drop the activation.
 */
export type Verdict =
  | { readonly kind: 'response'; readonly response: ActivationResponse; readonly keepInstance: boolean }
  | { readonly kind: 'run again' }
  | { readonly kind: 'lost' };

/** Judges a reply to /init. Undefined means success (ActivationResult.scala, `processInitResponseContent`). */
export function judgeInit(reply: ContainerReply, timeout: number): Verdict | undefined {
  if (reply.kind === 'timeout') {
    return remove(`The action exceeded its time limits of ${timeout} milliseconds during initialization.`);
  }
  if (reply.kind !== 'response') return remove('The action did not initialize and exited unexpectedly.');
  if (reply.truncated !== undefined) return remove(truncationText(reply.text, reply.truncated));
  if (reply.status === 200) return undefined;
  if (reply.status === 503) return { kind: 'lost' };
  const error = errorMember(tryParse(reply.text));
  return remove(error ?? `The action failed during initialization${quoted(reply.text)}`);
}

/**
 * Judges a reply to /run (ActivationResult.scala, `processRunResponseContent`; ContainerProxy.scala).
 * @param isFirst whether it is the instance's first call; later calls run again on another instance if it has ended
 */
export function judgeRun(reply: ContainerReply, timeout: number, isFirst: boolean): Verdict {
  switch (reply.kind) {
    case 'timeout':
      return remove(`The action exceeded its time limits of ${timeout} milliseconds.`);
    case 'no response':
      return remove(abnormalRun);
    case 'connection refused':
    case 'connection failed':
      return isFirst ? remove(abnormalRun) : { kind: 'run again' };
    case 'response':
      return reply.status === 503 ? { kind: 'lost' } : judgeResponse(reply);
  }
}

const abnormalRun = 'The action did not produce a valid response and exited unexpectedly.';

function judgeResponse(reply: Extract<ContainerReply, { kind: 'response' }>): Verdict {
  const isOk = reply.status === 200;
  if (reply.truncated !== undefined) {
    return respond('application error', { error: truncationText(reply.text, reply.truncated) }, isOk);
  }
  const value = tryParse(reply.text);
  const error = errorMember(value);
  if (error !== undefined) return isOk ? respond('application error', { error }, true) : remove(error);
  if (isOk && value !== undefined && (isJsonObject(value) || Array.isArray(value))) {
    return respond('success', value, true);
  }
  return remove(`The action did not produce a valid JSON or JSON Array response${quoted(reply.text)}`);
}

/** The response of an activation without an instance. */
export function internalError(message: string): ActivationResponse {
  return { status: 'whisk internal error', result: { error: message } };
}

/** The size of a result in an activation record, in bytes. */
export function resultSize(response: ActivationResponse): number {
  return Buffer.byteLength(printJson(response.result));
}

function respond(status: ActivationResponse['status'], result: Json, keepInstance: boolean): Verdict {
  return { kind: 'response', response: { status, result }, keepInstance };
}

function remove(error: Json): Verdict {
  return respond('action developer error', { error }, false);
}

function truncationText(text: string, { length, limit }: { length: number; limit: number }): string {
  return `The action produced a response that exceeded the allowed length: ${length} > ${limit} bytes. The truncated response was: ${text}`;
}

function quoted(body: string): string {
  return body === '' ? '.' : `: ${body}`;
}

function errorMember(value: Json | undefined): Json | undefined {
  return isJsonObject(value) ? value['error'] : undefined;
}

function tryParse(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
