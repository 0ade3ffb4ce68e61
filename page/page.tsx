import { useEffect, useState } from 'preact/hooks';
import { ActionPanel } from './action-panel.tsx';
import { Header } from './header.tsx';
import { LoadButton } from './live/load-button.tsx';
import { LivePanel } from './live/live-panel.tsx';
import { useLive } from './live/use-live.ts';
import type { PageAction } from './wire.ts';

/** On the left an action with its form and answer, on the right the live activity. */
export function Page() {
  const live = useLive();
  const actions = useActions(live.connected);
  const [chosen, choose] = useState<string>();
  const action = actions.find(({ name }) => name === chosen) ?? actions[0];
  return (
    <>
      <Header title="modelwhisk" problem={live.connected ? undefined : gone}>
        connected
      </Header>
      <main>
        <section aria-label="Call an action">
          {actions.length > 1 && <ActionList actions={actions} chosen={action?.name} choose={choose} />}
          {action === undefined ? (
            <p class="empty">No action yet. Serve one with npm start -- --action name=http://127.0.0.1:8080</p>
          ) : (
            <ActionPanel
              key={action.name}
              action={action}
              activations={live.activations}
              more={(call, isReady) => <LoadButton call={call} disabled={!isReady} />}
            />
          )}
        </section>
        <section aria-label="What happens now">
          <LivePanel live={live} />
        </section>
      </main>
    </>
  );
}

const gone = 'The gateway does not answer. Start it again with npm start; this page waits.';

function ActionList(props: {
  actions: readonly PageAction[];
  chosen: string | undefined;
  choose: (name: string) => void;
}) {
  return (
    <nav aria-label="Actions">
      {props.actions.map(({ name }) => (
        <button key={name} type="button" aria-pressed={name === props.chosen} onClick={() => props.choose(name)}>
          {name}
        </button>
      ))}
    </nav>
  );
}

/** The actions of the gateway. Loaded again after each connection, because a restarted gateway may serve others. */
function useActions(connected: boolean): readonly PageAction[] {
  const [actions, setActions] = useState<readonly PageAction[]>([]);
  useEffect(() => {
    if (!connected) return;
    fetch('/_page/actions')
      .then(async (response) => setActions((await response.json()) as PageAction[]))
      .catch(() => undefined);
  }, [connected]);
  return actions;
}
