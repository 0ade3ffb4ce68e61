import { ConfigurationError, ModelwhiskError } from '../../core/errors.ts';
import type { ModelRow } from '../../core/row.ts';
import { placeholders } from './template.ts';

/** The port on which the adapter answers the platform (openwhisk: invokers call port 8080, always). */
const adapterPort = 8080;

/**
 * Refuses a row from which no working image can be made.
 *
 * @param portHint what to do where the model server listens on the adapter's own port
 *
 * @throws ConfigurationError for a template that is not filled in, ModelwhiskError `PORT_CLASH` for a model server
 * that would listen on the adapter's own port
 */
export function assertBuildable(row: ModelRow, portHint = rowHint): void {
  if (row.template) {
    const names = placeholders(row).map((name) => `--set ${name}=VALUE`);
    throw new ConfigurationError(`row ${row.name}`, 'a template', `${names.join(' ')} to fill it in`);
  }
  if (row.server.kind === 'http' && row.server.port === adapterPort) {
    const message = `The model server of ${row.name} listens on port ${String(adapterPort)}, which is the adapter's own`;
    throw new ModelwhiskError('PORT_CLASH', message, { hint: portHint });
  }
}

const rowHint =
  'Move it: set server.port of its row to another port, and give the server that port by server.command or ' +
  'server.environment; with --image, for example, --port 8090 --env PORT=8090.';
