/** Runs the docker command line tool and returns what it printed. */
export type RunDocker = (words: readonly string[]) => Promise<string>;

/**
 * The URL at which Docker publishes a port of a container on loopback, for example "http://127.0.0.1:49153".
 *
 * @param port the port inside the container, published with `--publish=127.0.0.1::PORT`
 * @returns undefined if the container runs but does not publish the port
 * @throws whatever `docker` throws, also if the container has not started yet or has ended
 */
export async function publishedUrl(docker: RunDocker, container: string, port: number): Promise<URL | undefined> {
  const addresses = await docker(['port', container, `${port}/tcp`]);
  const [, published] = /:(\d+)$/m.exec(addresses) ?? [];
  return published === undefined ? undefined : new URL(`http://127.0.0.1:${published}`);
}
