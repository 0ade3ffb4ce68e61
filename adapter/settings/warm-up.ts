import { isJsonText } from '../json/object.ts';
import { ConfigurationError } from '../../core/errors.ts';
import type { ModelRow } from '../../core/row.ts';
import type { Environment } from '../../core/settings.ts';
import type { WarmUp } from '../model/warm-up.ts';

/**
 * The warm-up that `MODELWHISK_WARM_UP` names, as `POST /predict {"x":1}`, or else the row. `off` means that there is
 * none.
 *
 * @throws ConfigurationError
 */
export function readWarmUp({ warmUp }: ModelRow, environment: Environment): WarmUp | undefined {
  const text = environment['MODELWHISK_WARM_UP'];
  if (text === 'off') return undefined;
  if (text === undefined) {
    if (warmUp === undefined) return undefined;
    const { json, ...route } = warmUp;
    return { ...route, body: json === undefined ? undefined : JSON.stringify(json) };
  }
  const [, method, path, body] = /^(GET|POST|PUT) (\/\S*)(?: (.+))?$/s.exec(text) ?? [];
  if (method !== undefined && path !== undefined && (body === undefined || isJsonText(body)))
    return { method, path, body };
  const expectation = '"off", or a method, a path and perhaps JSON, as in POST /predict {"x":1}';
  throw new ConfigurationError('MODELWHISK_WARM_UP', text, expectation);
}
