import { Command } from 'commander';
import { ConfigurationError } from '../../core/errors.ts';
import { countColdStarts } from '../call/cold-starts.ts';
import * as read from '../call/flags.ts';
import { checkFiles, type Input, inputsOf } from '../call/inputs.ts';
import { progressLine } from '../call/progress-line.ts';
import { enqueue, openQueue } from '../call/queue.ts';
import { resultLine } from '../call/result-line.ts';
import { callsTo, runCalls } from '../call/run-calls.ts';
import type { CallResult } from '../call/send.ts';
import { Statistics, type Summary, summaryText } from '../call/statistics.ts';
import type { CommandContext } from '../context.ts';
import { writeInTurn } from '../output.ts';
import { authOf } from '../wskprops.ts';

interface CallFlags {
  readonly concurrency: number;
  readonly repeat?: number;
  readonly rate?: number;
  /** Milliseconds. */
  readonly duration?: number;
  readonly field: string;
  readonly raw?: boolean;
  readonly header: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeout: number;
  readonly retry: number;
  readonly unordered?: boolean;
  readonly queue?: string;
  readonly auth?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Sends many files, or one file many times, to a model: a batch client and a load generator. */
export function callCommand(context: CommandContext): Command {
  return new Command('call')
    .description('send files, or a load, through a web action or any other URL of a wrapped model')
    .argument('[url]', 'URL to call; left out with --queue')
    .argument('[files...]', 'files and URLs; without any, each line of standard input is one')
    .optionsGroup('What to send:')
    .option('--field <name>', 'part of the form for files; <name>_url names URLs', 'image')
    .option('--raw', 'send files as they are, under the type that their name tells')
    .option('--header <name=value>', 'header of each call; may be repeated', read.readHeader, {})
    .option('--queue <name>', 'put the URLs on this queue of the Azure account of AzureWebJobsStorage instead')
    .optionsGroup('How often:')
    .option('--concurrency <number>', 'calls at the same time', read.readConcurrency, 4)
    .option('--repeat <number>', 'send all inputs so often', read.readRepeat)
    .option('--rate <number>', 'calls a second at the most', read.readRate)
    .option('--duration <time>', 'go on for 30s, 5m or 1h', read.readDuration)
    .option('--timeout <time>', 'give up a call after 30s, 5m or 500ms', read.readTimeout, 300_000)
    .option(
      '--retry <number>',
      'tries more after a broken connection, a lost container, 429, 502, 503, 504',
      read.readRetry,
      0,
    )
    .optionsGroup('Output:')
    .option('--unordered', 'print results as they come instead of in the order of the inputs')
    .option(
      '--auth <user:password>',
      "OpenWhisk's, to count cold starts; default: that of ~/.wskprops, for its APIHOST",
      read.readAuth,
    )
    .option('--json', 'print the summary as the last line on stdout, too')
    .option('--quiet', 'print neither progress nor the summary')
    .addHelpText('after', examplesFor(context.program))
    .action(async (url: string | undefined, files: readonly string[], flags: CallFlags) => {
      await call(url, files, flags, context);
    });
}

/** The most calls whose cold starts are counted. For more, reading the records would take longer than the summary is worth. */
const mostCounted = 10_000;

function examplesFor(program: string): string {
  return `
Examples:
  ${program} call http://127.0.0.1:3233/api/v1/web/guest/default/digits *.png
  find photos -name '*.jpg' | ${program} call URL --concurrency 16 >results.jsonl
  ${program} call URL 7.png --duration 30s --concurrency 64

One line of JSON for each input goes to stdout, progress and the summary go to stderr. A 429 or 503 that says when to come
back is waited for. A file that ends in .json is sent as it is. Exit code: 0 all succeeded, 1 some did not.`;
}

async function call(
  urlText: string | undefined,
  files: readonly string[],
  flags: CallFlags,
  context: CommandContext,
): Promise<void> {
  const { stdout, stderr, signal } = context;
  const began = Date.now();
  const statistics = new Statistics();
  const activationIds = new Set<string>();
  const progress = progressLine(context, flags, statistics);
  const target = await openTarget(urlText, files, flags, context);
  // In a batch, a missing file is one failed input. In a load it would be tens of thousands.
  if (flags.repeat !== undefined || flags.duration !== undefined) await checkFiles(target.names);
  if (target.names.length === 0 && process.stdin.isTTY && !flags.quiet)
    stderr.write('reading paths and URLs from the terminal, one a line; Ctrl+D ends them\n');
  const inputs = inputsOf({ ...flags, names: target.names, stdin: process.stdin, signal });
  await runCalls(inputs, target.callFor, {
    concurrency: flags.concurrency,
    unordered: flags.unordered ?? false,
    onEnd: (result) => {
      statistics.add(result);
      if (result.kind === 'reply' && result.activationId !== undefined && activationIds.size <= mostCounted)
        activationIds.add(result.activationId);
      progress.show();
    },
    onResult: async ({ name }, result) => writeInTurn(stdout, resultLine(name, result), signal),
  });
  progress.clear();
  const auth = flags.auth ?? (target.url && authOf(target.url, context.environment));
  const canCount =
    target.url !== undefined && auth !== undefined && activationIds.size > 0 && activationIds.size <= mostCounted;
  const seconds = statistics.elapsed();
  const coldStarts = canCount ? await countColdStarts(target.url, auth, activationIds, began) : undefined;
  const summary: Summary = statistics.summary(seconds, coldStarts);
  if (flags.json) stdout.write(`${JSON.stringify({ summary })}\n`);
  if (!flags.quiet) stderr.write(summaryText(summary));
  context.exitCode = signal.aborted ? exitCodeOf(signal) : summary.failed > 0 ? 1 : 0;
}

interface Target {
  readonly url: URL | undefined;
  readonly names: readonly string[];
  readonly callFor: (input: Input) => Promise<CallResult>;
}

async function openTarget(
  urlText: string | undefined,
  files: readonly string[],
  flags: CallFlags,
  { environment, signal }: CommandContext,
): Promise<Target> {
  if (flags.queue !== undefined) {
    const connection = environment['AzureWebJobsStorage'];
    const expectation = 'the connection string of a storage account';
    if (!connection) throw new ConfigurationError('AzureWebJobsStorage', connection, expectation);
    const queue = await openQueue(connection, flags.queue);
    const names = urlText === undefined ? files : [urlText, ...files];
    return { url: undefined, names, callFor: async (input) => enqueue(queue, input, signal) };
  }
  const url = read.readUrl(urlText);
  const options = { field: flags.field, raw: flags.raw ?? false, headers: flags.header, timeout: flags.timeout };
  return { url, names: files, callFor: callsTo(url, { ...options, retries: flags.retry, signal }) };
}

/** A reader that stops early, such as `head`, is not a failure. */
function exitCodeOf(signal: AbortSignal): number {
  return signal.reason === 'EPIPE' ? 0 : 130;
}
