import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { AnswerView } from './answer/answer-view.tsx';
import { type Answer, useCall } from './answer/use-call.ts';
import { InputForm } from './form/input-form.tsx';
import { Parameters } from './form/parameters.tsx';
import { type ActionCall, curlLine, type Payload } from './request.ts';
import type { PageAction, PageActivation } from './wire.ts';

/** An action's form, the same call as a curl command, and the answer. */
export function ActionPanel(props: {
  action: PageAction;
  /** The last ones, for the parts of the answer's time. */
  activations: readonly PageActivation[];
  /** Further controls for the call in the form. */
  more?: (call: ActionCall, isReady: boolean) => JSX.Element;
}) {
  const { action, activations, more } = props;
  const [payload, setPayload] = useState<Payload>({ kind: 'none' });
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const { answer, busy, send } = useCall();
  const callOf = (route: string, sent: Payload = payload): ActionCall => ({
    action,
    route,
    query: action.parameters.flatMap(({ name, value }) => {
      const given = values[name] ?? value;
      return given === '' ? [] : [[name, given] as const];
    }),
    payload: sent,
  });
  const isReady = payload.kind !== 'none' || action.input.kind === 'query' || action.input.kind === 'unknown';
  const change = (changed: Payload) => {
    setPayload(changed);
    // Send a file immediately. Text may still be incomplete.
    if (changed.kind === 'file') void send(callOf('', changed));
  };
  return (
    <>
      <h2>{action.title}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void send(callOf(''));
        }}
      >
        <InputForm input={action.input} onChange={change} />
        <Parameters parameters={action.parameters} values={values} onChange={setValues} />
        <div class="row">
          <button type="submit" class="main" disabled={!isReady || busy}>
            {busy ? 'calling …' : 'Call'}
          </button>
          {payload.kind === 'file' &&
            action.pictures.map(({ path, description }) => (
              <button
                key={path}
                type="button"
                title={description}
                disabled={busy}
                onClick={() => void send(callOf(path))}
              >
                {path.replace(/^.*\//, '')}
              </button>
            ))}
          {more?.(callOf(''), isReady)}
        </div>
      </form>
      <CurlLine line={curlLine(callOf(''), location.href)} />
      <AnswerArea answer={answer} activations={activations} isReady={isReady} />
    </>
  );
}

function CurlLine({ line }: { line: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(line);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <div class="curl">
      <code tabIndex={0}>{line}</code>
      <button type="button" onClick={() => void copy()}>
        {copied ? 'copied' : 'copy'}
      </button>
    </div>
  );
}

function AnswerArea(props: { answer: Answer | undefined; activations: readonly PageActivation[]; isReady: boolean }) {
  if (props.answer !== undefined) return <AnswerView answer={props.answer} activations={props.activations} />;
  return <p class="empty">{props.isReady ? 'Press Call to see the answer here.' : 'The answer will be here.'}</p>;
}
