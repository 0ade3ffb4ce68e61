import type { PageActivation } from '../wire.ts';

/** The time of an activation, in its parts. */
export function Times({ activation }: { activation: PageActivation }) {
  const { wait, init = 0, model, adapter, duration } = activation;
  const known = model !== undefined && adapter !== undefined;
  const parts = [
    ['waiting', wait],
    ['init', init],
    ...(known
      ? ([
          ['model', model],
          ['adapter', adapter],
        ] as const)
      : ([['run', duration - wait - init]] as const)),
  ] as const;
  return (
    <p class="facts">
      {parts
        .filter(([, milliseconds]) => milliseconds > 0)
        .map(([name, milliseconds]) => `${name} ${Math.round(milliseconds * 10) / 10} ms`)
        .join(', ')}
    </p>
  );
}
