// npm run fuzz -- --seconds 120 --seed 7 --only gateway
import { Command, InvalidArgumentError } from 'commander';
import { messageOf } from '../../core/errors.ts';
import { campaigns } from './fuzz/campaigns.ts';

const options = new Command('npm run fuzz --')
  .description('Feeds made-up input to every part that outsiders reach, and checks what must hold whatever it is.')
  .option('--seconds <number>', 'for how long, shared out among the campaigns', positive, 120)
  .option('--seed <number>', 'the same seed makes the same inputs', positive, Math.ceil(Math.random() * 2 ** 30))
  .option('--only <text>', 'campaigns whose title holds the text', '')
  .allowExcessArguments(false)
  .parse()
  .opts<{ seconds: number; seed: number; only: string }>();

const chosen = campaigns.filter(({ title }) => title.includes(options.only));
console.log(`seed ${options.seed}, ${chosen.length} campaigns, ${options.seconds} s`);
for (const { title, run } of chosen) {
  const began = performance.now();
  try {
    const inputs = await run({ seed: options.seed, milliseconds: (options.seconds * 1000) / chosen.length });
    console.log(`held for ${inputs} inputs in ${Math.round((performance.now() - began) / 1000)} s: ${title}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`BROKEN: ${messageOf(error)}`);
  }
}
process.exit();

function positive(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number above 0.');
}
