#!/usr/bin/env -S sh -c 'file=$(realpath "$0"); exec node --max-semi-space-size=1 "${file%/*}/cli/launch.mjs" "$@"'
import { main } from './cli/main.ts';

// Whoever reads the results, `head` for one, may stop before the end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
process.once('SIGTERM', () => interrupt.abort());
// cli/launch.mjs makes a script of it, which has no top-level await.
void run();

async function run(): Promise<void> {
  process.exitCode = await main(process.argv.slice(2), process.env, {
    stdout: process.stdout,
    stderr: process.stderr,
    signal: interrupt.signal,
  });
}
