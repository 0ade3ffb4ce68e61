import { useEffect, useRef, useState } from 'preact/hooks';
import { type ActionCall, requestOf, targetOf } from '../request.ts';

/** The answer of one call, perhaps not yet complete. */
export type Answer =
  | { readonly kind: 'failure'; readonly message: string }
  | {
      readonly kind: 'reply';
      /** The file that was sent, to draw boxes on it. */
      readonly input: Blob | undefined;
      readonly status: number;
      readonly contentType: string;
      readonly activationId: string | undefined;
      readonly content: Blob;
      /** Undefined for binary types. */
      readonly text: string | undefined;
      readonly complete: boolean;
      /** Milliseconds from sending to the end of the reply. */
      readonly milliseconds: number;
    };

/** Sends calls. A new call aborts the previous one. */
export function useCall(): {
  readonly answer: Answer | undefined;
  readonly busy: boolean;
  readonly send: (call: ActionCall) => Promise<void>;
} {
  const [answer, setAnswer] = useState<Answer>();
  const [busy, setBusy] = useState(false);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const send = async (call: ActionCall): Promise<void> => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setBusy(true);
    try {
      await receive(call, controller.signal, setAnswer);
    } catch (error) {
      if (controller.signal.aborted) return;
      setAnswer({ kind: 'failure', message: reasonOf(error) });
    } finally {
      if (running.current === controller) setBusy(false);
    }
  };
  return { answer, busy, send };
}

async function receive(call: ActionCall, signal: AbortSignal, tell: (answer: Answer) => void): Promise<void> {
  const began = performance.now();
  const response = await fetch(targetOf(call), { ...requestOf(call), signal });
  const contentType = response.headers.get('content-type') ?? '';
  const isText = /^text\/|[/+](json|xml|x-ndjson)\b/i.test(contentType);
  const decoder = new TextDecoder();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let text = '';
  const answer = (complete: boolean): Answer => ({
    kind: 'reply',
    input: call.payload.kind === 'file' ? call.payload.file : undefined,
    status: response.status,
    contentType,
    activationId: response.headers.get('x-openwhisk-activation-id') ?? undefined,
    content: new Blob(parts, { type: contentType }),
    text: isText ? text : undefined,
    complete,
    milliseconds: performance.now() - began,
  });
  const reader = response.body?.getReader();
  for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
    parts.push(next.value);
    if (isText) {
      text += decoder.decode(next.value, { stream: true });
      tell(answer(false));
    }
  }
  tell(answer(true));
}

function reasonOf(error: unknown): string {
  return error instanceof TypeError
    ? 'The gateway does not answer. Start it again with npm start, then call again.'
    : `The call failed: ${error instanceof Error ? error.message : String(error)}`;
}
