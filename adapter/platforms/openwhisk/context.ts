import type { Header } from '../../http/message.ts';

/** What the envelope of `/run` says of the activation. The whisk key is not among it. */
export function readContext(envelope: Readonly<Record<string, unknown>>): Record<string, string> {
  const context: Record<string, string> = {};
  for (const name of names) {
    const value = envelope[name];
    if (typeof value === 'string' && /^[\x20-\x7e]+$/.test(value)) context[name] = value;
  }
  return context;
}

/** What the platform says of the activation, for the model server. The whisk key is not among it. */
export function contextHeaders(context: Readonly<Record<string, string>>): Header[] {
  return Object.entries(context).map(([name, value]) => [headerNames[name] ?? name, value]);
}

/** What the platform says of an activation that is handed on, and the header for it. */
const headerNames: Readonly<Record<string, string>> = {
  activation_id: 'x-openwhisk-activation-id',
  action_name: 'x-openwhisk-action-name',
  action_version: 'x-openwhisk-action-version',
  namespace: 'x-openwhisk-namespace',
  transaction_id: 'x-openwhisk-transaction-id',
  deadline: 'x-openwhisk-deadline',
};

const names = Object.keys(headerNames);
