import { execa } from 'execa';
import type { ServerEnvironment } from './environment.ts';

/**
 * Runs a program as in a container, but without an image (namespaces(7)): its ports are always free, the only network
 * is loopback, the server's files have their paths of the image, and all its processes end with it. Needs root.
 * Resolves with the exit code.
 *
 * @param directory the server's files
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

/** The overlay shows the folder's files, and keeps new files off the disk. */
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
