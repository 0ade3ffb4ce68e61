import { useState } from 'preact/hooks';
import { type ActionCall, requestOf, targetOf } from '../request.ts';

/**
 * Sends the same call many times. The gateway makes the calls, because browsers open at most six connections. The
 * gateway's events show the results.
 */
export function LoadButton({ call, disabled }: { call: ActionCall; disabled: boolean }) {
  const [calls, setCalls] = useState(200);
  const [concurrency, setConcurrency] = useState(8);
  const [problem, setProblem] = useState<string>();
  const start = async (): Promise<void> => {
    setProblem(undefined);
    const query = new URLSearchParams({ target: targetOf(call), calls: `${calls}`, concurrency: `${concurrency}` });
    try {
      const response = await fetch(`/_page/run?${query.toString()}`, { ...requestOf(call), method: 'POST' });
      if (!response.ok) setProblem(await response.text());
    } catch {
      setProblem('The gateway does not answer.');
    }
  };
  return (
    <details class="load">
      <summary>Load</summary>
      <div class="row">
        <NumberField name="calls" value={calls} most={100_000} onChange={setCalls} />
        <NumberField name="at a time" value={concurrency} most={256} onChange={setConcurrency} />
        <button type="button" disabled={disabled} onClick={() => void start()}>
          Start
        </button>
        <button type="button" onClick={() => void fetch('/_page/run', { method: 'DELETE' }).catch(() => undefined)}>
          Stop
        </button>
      </div>
      {problem !== undefined && <p class="problem">{problem}</p>}
    </details>
  );
}

function NumberField(props: { name: string; value: number; most: number; onChange: (value: number) => void }) {
  return (
    <label class="field">
      {props.name}
      <input
        type="number"
        min={1}
        max={props.most}
        value={props.value}
        onInput={(event) => props.onChange(Math.max(1, event.currentTarget.valueAsNumber || 1))}
      />
    </label>
  );
}
