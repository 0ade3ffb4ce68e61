import type { Header } from '../../http/message.ts';

/** The information about the activation in the body of `/run`, without the API key. */
export function readContext(envelope: Readonly<Record<string, unknown>>): Record<string, string> {
  const context: Record<string, string> = {};
  for (const name of names) {
    const value = envelope[name];
    if (typeof value === 'string' && /^[\x20-\x7e]+$/.test(value)) context[name] = value;
  }
  return context;
}

/** The information about the activation as headers for the model server, without the API key. */
export function contextHeaders(context: Readonly<Record<string, string>>): Header[] {
  return Object.entries(context).map(([name, value]) => [headerNames[name] ?? name, value]);
}

/** The members that are passed on, with their headers. */
const headerNames: Readonly<Record<string, string>> = {
  activation_id: 'x-openwhisk-activation-id',
  action_name: 'x-openwhisk-action-name',
  action_version: 'x-openwhisk-action-version',
  namespace: 'x-openwhisk-namespace',
  transaction_id: 'x-openwhisk-transaction-id',
  deadline: 'x-openwhisk-deadline',
};

const names = Object.keys(headerNames);
