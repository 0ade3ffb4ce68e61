import { app } from './app.ts';
import { serveRun } from './front.ts';
import { gatewayEvent, webResult } from './gateway-event.ts';

type Handler = (event: object, context: object) => Promise<unknown>;

// The bench installs it beside the compiled program. It is not a package of the project.
const name: string = '@codegenie/serverless-express';
const { default: serverlessExpress } = (await import(name)) as { default: (options: object) => Handler };
const handler = serverlessExpress({ app, binarySettings: { contentTypes: ['image/*'] } });

serveRun(async (parameters) => webResult(await handler(gatewayEvent(parameters), {})));
