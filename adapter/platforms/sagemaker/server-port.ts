import { ConfigurationError } from '../../../core/errors.ts';
import type { PlatformContext } from '../platform.ts';

/**
 * Checks that the model server has its own port. If several containers share a host, SageMaker names the ports that are
 * free for this one. The log warns about any other port, because only the image can change it.
 *
 * @throws ConfigurationError if the model server has the port that SageMaker calls
 */
export function checkServerPort(
  { row: { server }, configuration: { port } }: Pick<PlatformContext, 'row' | 'configuration'>,
  safePorts: readonly [lowest: number, highest: number] | undefined,
): void {
  if (server.kind !== 'http') return;
  if (server.port === port) {
    const message = 'another port than the one that SageMaker calls (SAGEMAKER_BIND_TO_PORT, 8080 by default)';
    throw new ConfigurationError("the row's server.port", server.port, message);
  }
  if (safePorts === undefined || (safePorts[0] <= server.port && server.port <= safePorts[1])) return;
  console.error(
    `modelwhisk: the model server listens on port ${server.port}, outside of SAGEMAKER_SAFE_PORT_RANGE ` +
      `${safePorts.join('-')}: another container of this endpoint may use it`,
  );
}
