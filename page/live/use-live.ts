import { useEffect, useState } from 'preact/hooks';
import type { PageAction, PageActivation, PageEvents, PageLoad, PageRun } from '../wire.ts';

/** The gateway's events since the page was opened. */
export interface Live {
  readonly connected: boolean;
  /** In the order in which they were made. Kept while there is no connection. */
  readonly actions: readonly PageAction[];
  /** Newest first, at most `KEPT`. */
  readonly activations: readonly PageActivation[];
  readonly load: readonly PageLoad[];
  readonly run: PageRun | undefined;
}

const KEPT = 2000;

/** Follows the gateway's events. The browser reconnects automatically after an interruption. */
export function useLive(): Live {
  const [live, setLive] = useState<Live>({ connected: false, actions: [], activations: [], load: [], run: undefined });
  useEffect(() => {
    const source = new EventSource('/_page/events');
    const on = <Name extends keyof PageEvents>(name: Name, take: (live: Live, data: PageEvents[Name]) => Live): void =>
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        const event = JSON.parse(data) as PageEvents[Name];
        setLive((before) => take(before, event));
      });
    source.addEventListener('open', () => setLive((before) => ({ ...before, connected: true })));
    source.addEventListener('error', () => setLive((before) => ({ ...before, connected: false, load: [] })));
    on('actions', (before, actions) => ({ ...before, actions }));
    on('activations', (before, added) => ({ ...before, activations: merged(before.activations, added) }));
    on('load', (before, load) => ({ ...before, load }));
    on('run', (before, run) => ({ ...before, run }));
    return () => source.close();
  }, []);
  return live;
}

/** Drops known activations, because the gateway repeats its latest ones at each connection. */
function merged(before: readonly PageActivation[], added: readonly PageActivation[]): readonly PageActivation[] {
  const known = new Set(before.slice(0, 500).map(({ id }) => id));
  const fresh = added.filter(({ id }) => !known.has(id));
  return [...fresh.toReversed(), ...before].slice(0, KEPT);
}
