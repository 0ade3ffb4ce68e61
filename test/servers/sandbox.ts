import { execa } from 'execa';
import type { ServerEnvironment } from './environment.ts';

/**
 * Runs a program as in a container without an image of its own (namespaces(7)): its ports are always free and there is
 * no network but loopback, the server's files lie where its image has them, and nothing that it starts outlives it.
 * Needs root. Resolves with the exit code.
 *
 * @param directory where the files of the server lie
 */
export async function runInSandbox(
  command: readonly string[],
  { files, scratch }: ServerEnvironment,
  directory: string,
): Promise<number> {
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const words = [...namespaces, 'sh', '-euc', enter, 'sh', scratch, files, directory, ...command];
  const { exitCode } = await execa('unshare', words, { stdio: ['ignore', 'inherit', 'inherit'], reject: false });
  return exitCode ?? 1;
}

/** The overlay keeps what the folder holds, and what is made in it away from the disk. */
const enter = `
ip link set lo up
scratch=$1 files=$2 directory=$3
shift 3
mount -t tmpfs tmpfs "$scratch"
mkdir "$scratch/upper" "$scratch/work"
top=/$(echo "$directory" | cut -d/ -f2)
mount -t overlay overlay -o "lowerdir=$top,upperdir=$scratch/upper,workdir=$scratch/work" "$top"
mkdir -p "$directory"
mount --bind "$files" "$directory"
exec "$@"`;
