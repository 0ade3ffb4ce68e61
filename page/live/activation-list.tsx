import { useState } from 'preact/hooks';
import { clockTime } from '../clock.ts';
import type { PageActivation } from '../wire.ts';

const SHOWN = 25;

/** The last activations, newest first, one line each. A click on a line shows the output of its container. */
export function ActivationList({ activations }: { activations: readonly PageActivation[] }) {
  if (activations.length === 0) {
    return <p class="empty">Nothing has run yet. Fill in the form, or paste the curl line into a terminal.</p>;
  }
  const shown = activations.slice(0, SHOWN);
  const longest = shown.reduce((most, { duration }) => Math.max(most, duration), 1);
  return (
    <ul class="activations">
      <Hatching />
      {shown.map((activation) => (
        <ActivationLine key={activation.id} activation={activation} longest={longest} />
      ))}
    </ul>
  );
}

function ActivationLine({ activation, longest }: { activation: PageActivation; longest: number }) {
  const [logs, setLogs] = useState<string>();
  const { id, end, action, status, duration, init = 0, instance } = activation;
  const toggle = async (): Promise<void> => {
    if (logs !== undefined) {
      setLogs(undefined);
      return;
    }
    setLogs(await readLogs(id));
  };
  return (
    <li>
      <button type="button" aria-expanded={logs !== undefined} onClick={() => void toggle()}>
        <span class={status < 400 ? 'dot good' : status < 500 ? 'dot fair' : 'dot bad'} aria-hidden="true" />
        <time dateTime={new Date(end).toISOString()}>{clockTime(end)}</time>
        <span>{action}</span>
        <span>{status}</span>
        <span>{init > 0 ? 'cold' : 'warm'}</span>
        <span>#{instance}</span>
        <Bar duration={duration} init={init} longest={longest} />
        <span class="number">{Math.round(duration)} ms</span>
      </button>
      {logs !== undefined && <pre tabIndex={0}>{logs}</pre>}
    </li>
  );
}

/** The pattern of cold starts in all bars. */
function Hatching() {
  return (
    <svg width="0" height="0" class="hidden" aria-hidden="true">
      <defs>
        <pattern id="hatched" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="3" height="3" class="paper" />
          <rect width="1.5" height="3" class="stripe" />
        </pattern>
      </defs>
    </svg>
  );
}

/** The duration as a bar. The hatched part is the cold start. */
function Bar({ duration, init, longest }: { duration: number; init: number; longest: number }) {
  const share = (milliseconds: number): number => Math.max(1, Math.round((milliseconds / longest) * 100));
  return (
    <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect width={share(duration)} height="8" class="all" />
      {init > 0 && <rect width={share(init)} height="8" class="cold" />}
    </svg>
  );
}

async function readLogs(id: string): Promise<string> {
  try {
    const response = await fetch(`/_page/activations/${id}/logs`);
    if (!response.ok) return 'Its record is no longer kept.';
    const lines = (await response.json()) as readonly string[];
    return lines.join('\n') || 'It wrote nothing, or its output is not seen here.';
  } catch {
    return 'The gateway does not answer.';
  }
}
