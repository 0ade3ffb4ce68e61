import express, { type Express } from 'express';
import { answerError, notFound } from './errors.ts';
import { loadModel } from './model.ts';
import { createRoutes } from './routes.ts';
import { readSettings } from './settings.ts';
import { createSwaggerUi } from './swagger-ui.ts';

const settings = readSettings(process.env);

/** The model server with its model. If loading fails, the import of this module rejects with one clear line. */
export const app: Express = express();

app.disable('x-powered-by');
app.use(createRoutes(await loadModel(settings.model), settings));
app.use(createSwaggerUi());
app.use(notFound);
app.use(answerError);
