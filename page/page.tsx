import { useState } from 'preact/hooks';
import { ActionPanel } from './action-panel.tsx';
import { Header } from './header.tsx';
import { LoadButton } from './live/load-button.tsx';
import { LivePanel } from './live/live-panel.tsx';
import { useLive } from './live/use-live.ts';
import { useShownAction } from './use-shown-action.ts';
import type { PageAction } from './wire.ts';

/** On the left an action with its form and answer, on the right the live activity. */
export function Page() {
  const live = useLive();
  const { actions } = live;
  const [chosen, choose] = useState<string>();
  const { action, isDeleted } = useShownAction(actions, chosen);
  return (
    <>
      <Header title="modelwhisk" problem={live.connected ? undefined : gone}>
        connected
      </Header>
      <main>
        <section aria-label="Call an action">
          {isDeleted && (
            <p class="problem" role="alert">
              {action?.name} was deleted. Its form stays until you choose another action or it is created again.
            </p>
          )}
          {(actions.length > 1 || (isDeleted && actions.length > 0)) && (
            <ActionList actions={actions} chosen={action?.name} choose={choose} />
          )}
          {action === undefined ? (
            <p class="empty">
              No action yet. Create one with ./build.ts deploy or wsk, and it appears here; or serve a container with
              npm start -- --action name=http://127.0.0.1:8080
            </p>
          ) : (
            <ActionPanel
              key={`${action.name} ${action.input.kind}`}
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
