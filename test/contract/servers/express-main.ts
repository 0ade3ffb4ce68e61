import { app } from './express-echo.ts';

app.listen(Number(process.env['PORT']), '127.0.0.1');
