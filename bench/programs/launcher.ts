import { spawn } from 'node:child_process';

/** Only starts the http model server. No adapter on Node.js can start it sooner. */
const server = spawn(process.execPath, process.argv.slice(2), { stdio: 'inherit' });
process.once('SIGTERM', () => server.kill());
