import { app } from './app.ts';
import { serveRun } from './front.ts';
import { gatewayEvent, webResult } from './gateway-event.ts';

type Handler = (event: object, context: object) => Promise<unknown>;

// Installed by the bench beside this program's compiled form, and not one of the project's own packages.
const name: string = '@codegenie/serverless-express';
const { default: serverlessExpress } = (await import(name)) as { default: (options: object) => Handler };
const handler = serverlessExpress({ app, binarySettings: { contentTypes: ['image/*'] } });

serveRun(async (parameters) => webResult(await handler(gatewayEvent(parameters), {})));
