// npm run load -- --activations 100000 --concurrency 64
import { Command, InvalidArgumentError } from 'commander';
import { loadAdapter } from './load/run.ts';
import { kinds } from './support/rows.ts';

const options = new Command('npm run load --')
  .description('Sends mixed traffic through /run, and tells what was wrong and what memory it took.')
  .option('--activations <number>', 'how many, for each kind of model server', positive, 20_000)
  .option('--concurrency <number>', 'how many at the same time', positive, 64)
  .allowExcessArguments(false)
  .parse()
  .opts<{ activations: number; concurrency: number }>();

for (const kind of kinds) {
  const { faults, memory, openFiles, milliseconds, metrics } = await loadAdapter(kind, options);
  const { peak, middle, end } = memory;
  console.log(
    `${kind}: ${options.activations} activations in ${Math.round(milliseconds / 1000)} s, ${faults.length} wrong`,
  );
  console.log(
    `  memory ${middle.toFixed()} MiB in the second quarter, ${end.toFixed()} in the last, ${peak.toFixed()} at most`,
  );
  console.log(`  file descriptors ${openFiles.before} before, ${openFiles.after} after`);
  console.log(
    `  /metrics scraped ${metrics.count} times, ${metrics.faults.length} wrong; it counted ${metrics.calls} calls`,
  );
  for (const fault of [...faults, ...metrics.faults].slice(0, 20)) console.log(`  ${fault}`);
  const isCounted = metrics.calls === options.activations && metrics.inProgress === 0;
  if (faults.length > 0 || metrics.faults.length > 0 || !isCounted || end > middle + 16) process.exitCode = 1;
}

function positive(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number above 0.');
}
