import type { Environment } from '../core/settings.ts';
import type { ActionDefinition } from '../gateway/action.ts';
import type { DnsServer } from '../gateway/workers/dns-client.ts';
import type { CommandContext } from './context.ts';
import { digitsAction } from './digits.ts';
import type { ActionFlag } from './start-flags.ts';
import { type WrappedImage, wrapLocally, wrapRequest, type WrapFlags } from './wrap-locally.ts';

/** The flags of `start` that say what is served. */
export interface ActionFlags extends WrapFlags {
  /** Names of variables of this environment that the actions get. */
  readonly inherit?: readonly string[];
  /** Containers to serve instead of the digits example. */
  readonly action?: readonly ActionFlag[];
  /** Default: those of this machine. */
  readonly dnsServer?: DnsServer;
  /** Whether to serve nothing at first. */
  readonly empty?: boolean;
}

export type Definition = Pick<ActionDefinition, 'name' | 'source' | 'row' | 'limits'>;

/**
 * Checks the names of all images, and returns a function for each action that makes its image, if it needs one.
 *
 * @param wrapped every temporary image is added to it
 */
export function definitionsOf(
  flags: ActionFlags,
  context: CommandContext,
  wrapped: WrappedImage[],
): readonly (() => Promise<Definition>)[] {
  const inherited = variablesNamed(flags.inherit ?? [], context.environment);
  if (flags.action === undefined && flags.empty) return [];
  if (flags.action === undefined) return [async () => digitsAction(context.environment, inherited)];
  return flags.action.map((served): (() => Promise<Definition>) => {
    const { name } = served;
    if (served.kind === 'container') return async () => ({ name, source: { kind: 'container', url: served.url } });
    if (served.kind === 'workers') return async () => ({ name, source: { ...served, dnsServer: flags.dnsServer } });
    const request = wrapRequest(served.image, flags, context);
    return async () => {
      const made = await wrapLocally(request, context);
      wrapped.push(made);
      const { image, row } = made;
      return {
        name,
        row,
        source: { kind: 'image', image, environment: inherited, readOnly: false },
        limits: { memory: row.memory },
      };
    };
  });
}

function variablesNamed(names: readonly string[], environment: Environment): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
