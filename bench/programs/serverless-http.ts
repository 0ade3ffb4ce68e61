import { app } from './app.ts';
import { serveRun } from './front.ts';
import { gatewayEvent, webResult } from './gateway-event.ts';

type Handler = (event: object, context: object) => Promise<unknown>;

// The bench installs it beside the compiled program. It is not a package of the project.
const name: string = 'serverless-http';
const { default: serverless } = (await import(name)) as { default: (app: unknown, options: object) => Handler };
const handler = serverless(app, { binary: ['image/*'] });

serveRun(async (parameters) => webResult(await handler(gatewayEvent(parameters), {})));
