import { app } from './app.ts';
import { serveRun } from './front.ts';
import { gatewayEvent, webResult } from './gateway-event.ts';

type Handler = (event: object, context: object) => Promise<unknown>;

// Installed by the bench beside this program's compiled form, and not one of the project's own packages.
const name: string = 'serverless-http';
const { default: serverless } = (await import(name)) as { default: (app: unknown, options: object) => Handler };
const handler = serverless(app, { binary: ['image/*'] });

serveRun(async (parameters) => webResult(await handler(gatewayEvent(parameters), {})));
