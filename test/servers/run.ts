// The part of main.ts that runs in the sandbox: run.ts NAME.
import { messageOf } from '../../core/errors.ts';
import { checksOf, failsToStart, shortChecksOf } from './checks.ts';
import { serveInputFiles } from './input-files.ts';
import { findServer } from './servers.ts';
import { startWrapped } from './wrapped-server.ts';

const server = findServer(process.argv[2] ?? '');
const files = await serveInputFiles();
let passed = 0;
let failed = 0;
let log = '';

for (const [index, failure] of (server.failures ?? []).entries()) {
  await check(`failure ${index + 1}`, async () => failsToStart(server, files.host, failure));
}
for (const [index, described] of server.described.entries()) {
  const began = performance.now();
  const wrapped = await check(
    'start',
    async () => startWrapped(server, described, files.host),
    (started) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      return [`${seconds} s by ${described.by}`, ...started.guesses].join('; ');
    },
  );
  if (wrapped === undefined) continue;
  const checks = index === 0 ? checksOf(server, files.host) : shortChecksOf(server);
  for (const { name, run } of checks) await check(name, async () => run(wrapped));
  log += wrapped.output();
}
if (failed > 0)
  console.log(
    log
      .split('\n')
      .slice(-40)
      .map((line) => `    | ${line}`)
      .join('\n'),
  );
console.log(`  ${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/** Prints one line and continues, also after a failure. */
async function check<Result>(
  name: string,
  run: () => Promise<Result>,
  describe: (result: Result) => string = String,
): Promise<Result | undefined> {
  try {
    const result = await run();
    passed += 1;
    console.log(`  ok    ${name.padEnd(10)} ${describe(result)}`);
    return result;
  } catch (error) {
    failed += 1;
    console.log(`  WRONG ${name.padEnd(10)} ${shortened(messageOf(error))}`);
    return undefined;
  }
}

/** The start and the end of a message, which may contain a whole log. */
function shortened(message: string): string {
  return message.length <= 3000 ? message : `${message.slice(0, 500)} … ${message.slice(-2500)}`;
}
