import { basename } from 'node:path';
import { main } from './main.ts';

const interrupt = new AbortController();

// A reader of the results, such as `head`, may stop before the end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    process.stderr.write(`error: the results cannot be written to standard output: ${error.message}\n`);
    process.exit(1);
  }
  interrupt.abort('EPIPE');
});
// Progress that cannot be written is lost, and not the work that it tells of.
process.stderr.on('error', () => undefined);

// npm and the terminal both send an interrupt. Only a further one after a second exits immediately.
let interruptedAt = Number.POSITIVE_INFINITY;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // Not `once`: without a listener, execa's clean-up would end this process by the signal.
  process.on(name, () => {
    if (Date.now() - interruptedAt > 1000) process.exit(130);
    interruptedAt = Math.min(interruptedAt, Date.now());
    interrupt.abort();
  });
}
// npm sends SIGTERM only to its shell, which ends without signalling this process.
if (process.env['npm_lifecycle_event'] !== undefined) {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && interrupt.abort(), 250).unref();
}

process.exitCode = await main(process.argv.slice(2), process.env, {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupt.signal,
  program: programName(process.argv[1] ?? '', process.env),
});

/** How the user called the program: ./build.ts, or the command of the package. */
function programName(file: string, environment: NodeJS.ProcessEnv): string {
  const name = basename(file);
  if (name === 'build.ts' || name === 'launch.cjs') return './build.ts';
  return environment['npm_command'] === 'exec' ? `npx ${name}` : name;
}
