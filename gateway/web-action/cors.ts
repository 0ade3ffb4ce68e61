import { hasAnnotation, type Action } from '../action.ts';
import { headerValue, type GatewayRequest, type Header } from '../http.ts';

/** Whether the controller answers OPTIONS and adds the CORS headers itself, which `web-custom-options` turns off. */
export function controllerAnswersOptions(action: Action): boolean {
  return !hasAnnotation(action, 'web-custom-options');
}

/** The CORS headers on every answer of such an action (CorsSettings.scala). They are put before the action's own. */
export function corsHeaders(request: GatewayRequest): Header[] {
  return [
    ['Access-Control-Allow-Origin', '*'],
    ['Access-Control-Allow-Methods', 'OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH'],
    [
      'Access-Control-Allow-Headers',
      headerValue(request.headers, 'access-control-request-headers') ??
        'Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent',
    ],
  ];
}
