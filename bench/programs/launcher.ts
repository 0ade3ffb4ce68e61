import { spawn } from 'node:child_process';

/** Starts the http model server and does nothing else: no adapter that runs in Node.js can have it started sooner. */
const server = spawn(process.execPath, process.argv.slice(2), { stdio: 'inherit' });
process.once('SIGTERM', () => server.kill());
