import { hasAnnotation, type Action } from '../action.ts';
import type { GatewayRequest, Header } from '../http/message.ts';
import { renderTokens } from '../http/header-values/token-lists.ts';

/** Whether the controller answers OPTIONS and adds the CORS headers itself. `web-custom-options` turns both off. */
export function controllerAnswersOptions(action: Action): boolean {
  return !hasAnnotation(action, 'web-custom-options');
}

/** The CORS headers on every reply of such an action (CorsSettings.scala). They come before the action's headers. */
export function corsHeaders(request: GatewayRequest): Header[] {
  return [
    ['Access-Control-Allow-Origin', '*'],
    ['Access-Control-Allow-Methods', 'OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH'],
    [
      'Access-Control-Allow-Headers',
      requestedHeaders(request) ?? 'Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent',
    ],
  ];
}

/** The first well-formed Access-Control-Request-Headers. The controller ignores malformed ones. */
function requestedHeaders({ headers }: GatewayRequest): string | undefined {
  const given = headers.filter(([name]) => name === 'access-control-request-headers');
  return given.map(([, value]) => value).find((value) => renderTokens(value) !== undefined);
}
