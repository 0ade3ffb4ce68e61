import { execa } from 'execa';

/**
 * Whether something a test needs from outside this project is here. Where it is not, the tests that need it are
 * skipped with one line that names it; in CI, which installs everything, that is an error.
 */
export async function available(name: string, probe: () => Promise<unknown>): Promise<boolean> {
  try {
    await probe();
    return true;
  } catch (error) {
    if (process.env['CI']) throw new Error(`CI has no ${name}, and nothing may be skipped there`, { cause: error });
    console.warn(`some tests are skipped: no ${name} here`);
    return false;
  }
}

/** Whether a Docker engine answers. */
export async function dockerAvailable(): Promise<boolean> {
  return available('Docker engine', async () => execa('docker', ['version', '--format', '{{.Server.Version}}']));
}

/** Whether all of these commands are on the PATH. */
export async function commandsAvailable(...commands: readonly string[]): Promise<boolean> {
  const found = await Promise.all(
    commands.map(async (command) => available(command, async () => execa('which', [command]))),
  );
  return found.every(Boolean);
}
