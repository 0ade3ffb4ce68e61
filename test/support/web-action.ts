import { createAction } from '../../gateway/action.ts';
import type { Activation } from '../../gateway/invoker/activation.ts';
import { createGateway } from '../../gateway/server.ts';
import { startAction } from './container.ts';

/** A wrapped image in a container, behind a gateway. */
export interface WebAction {
  /** Id of the container. */
  readonly id: string;
  /** URL of the web action on the gateway. */
  readonly url: string;
  readonly activations: readonly Activation[];
  readonly close: () => Promise<void>;
}

/**
 * @param options.raw whether it has `raw-http`; default false
 * @param options.container further options of docker run
 */
export async function startWebAction(
  image: string,
  { raw = false, container = [] }: { readonly raw?: boolean; readonly container?: readonly string[] } = {},
): Promise<WebAction> {
  const action = await startAction(image, ...container);
  const activations: Activation[] = [];
  const source = { kind: 'container', url: new URL(action.url) } as const;
  const gateway = createGateway({
    actions: [createAction({ name: 'model', source, annotations: { 'raw-http': raw } })],
    onActivation: (activation) => activations.push(activation),
  });
  const origin = await gateway.listen(0, '127.0.0.1');
  const close = async (): Promise<void> => {
    await gateway.close();
    await action.close();
  };
  return { id: action.id, url: `${origin}/api/v1/web/guest/default/model`, activations, close };
}
