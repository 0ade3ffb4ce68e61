import { createServer } from 'node:http';
import { app } from './app.ts';

/** The app on its own port, without an adapter. */
createServer({ keepAliveTimeout: 0 }, app).listen(Number(process.env['PORT']), '127.0.0.1');
