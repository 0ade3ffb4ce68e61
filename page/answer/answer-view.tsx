import { useEffect, useState } from 'preact/hooks';
import type { PageActivation } from '../wire.ts';
import { Boxes } from './boxes.tsx';
import { readReply } from './read-reply.ts';
import { PredictionBars } from './prediction-bars.tsx';
import { Times } from './times.tsx';
import type { Answer } from './use-call.ts';

/** The answer in readable form, with the raw text folded below. */
export function AnswerView({ answer, activations }: { answer: Answer; activations: readonly PageActivation[] }) {
  if (answer.kind === 'failure') {
    return (
      <p class="problem" role="alert">
        {answer.message}
      </p>
    );
  }
  const activation = activations.find(({ id }) => id === answer.activationId);
  return (
    <div class="answer" aria-live="polite">
      <Content answer={answer} />
      {answer.status >= 500 && activation !== undefined && (
        <p class="problem">The model failed. Press its line in the list of calls to read what it wrote.</p>
      )}
      <p class="facts">
        <span class={answer.status < 400 ? 'dot good' : 'dot bad'} aria-hidden="true" />
        {answer.status}, {answer.content.size} bytes, {Math.round(answer.milliseconds)} ms in the browser
      </p>
      {activation !== undefined && <Times activation={activation} />}
      {answer.text !== undefined && answer.complete && (
        <details>
          <summary>{answer.contentType || 'no type'}</summary>
          <pre tabIndex={0}>{indented(answer.text)}</pre>
        </details>
      )}
    </div>
  );
}

type Reply = Extract<Answer, { kind: 'reply' }>;

function Content({ answer }: { answer: Reply }) {
  const kind = answer.contentType.replace(/\/.*/s, '');
  if (kind === 'image') return <Blobbed content={answer.content} show={(url) => <img src={url} alt="the answer" />} />;
  if (kind === 'audio') return <Blobbed content={answer.content} show={(url) => <audio controls src={url} />} />;
  if (kind === 'video') return <Blobbed content={answer.content} show={(url) => <video controls src={url} />} />;
  if (answer.text === undefined) {
    return (
      <Blobbed
        content={answer.content}
        show={(url) => (
          <a href={url} download="answer">
            Save the {answer.content.size} bytes of {answer.contentType || 'no type'}
          </a>
        )}
      />
    );
  }
  return <TextContent answer={answer} text={answer.text} />;
}

function TextContent({ answer, text }: { answer: Reply; text: string }) {
  const reply = readReply(answer.contentType, text);
  switch (reply.kind) {
    case 'predictions': {
      const boxed = reply.predictions.some(({ box }) => box !== undefined);
      return (
        <>
          {boxed && answer.input?.type.startsWith('image/') && (
            <Boxes image={answer.input} predictions={reply.predictions} />
          )}
          <PredictionBars predictions={reply.predictions} />
          {reply.note !== undefined && <p>{reply.note}</p>}
        </>
      );
    }
    case 'error':
      return (
        <p class="problem" role="alert">
          {reply.message}
        </p>
      );
    case 'tokens':
      return <p class="tokens">{reply.text}</p>;
    case 'text':
      return <pre tabIndex={0}>{reply.text.slice(0, 20_000)}</pre>;
  }
}

function Blobbed({ content, show }: { content: Blob; show: (url: string) => preact.JSX.Element }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const created = URL.createObjectURL(content);
    setUrl(created);
    return () => URL.revokeObjectURL(created);
  }, [content]);
  return url === undefined ? null : show(url);
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
