import { main } from '../../cli/main.ts';

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `build.ts` with these arguments in this process. */
export async function buildCli(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
  signal?: AbortSignal,
): Promise<CliResult> {
  const printed = { stdout: '', stderr: '' };
  const sink = (stream: 'stdout' | 'stderr'): { write: (text: string) => void } => ({
    write: (text) => {
      printed[stream] += text;
    },
  });
  const io = { stdout: sink('stdout'), stderr: sink('stderr'), ...(signal && { signal }) };
  return { exitCode: await main(words, environment, io), ...printed };
}
