import * as z from 'zod';

/**
 * The part of an image's configuration that wrapping a model reads or changes, under the names that
 * `docker image inspect` (`Config`) and the registry's image configuration (`config`) share. Other keys are kept.
 */
export const containerConfig = z.looseObject({
  Env: z.array(z.string()).nullish(),
  Entrypoint: z.array(z.string()).nullish(),
  Cmd: z.array(z.string()).nullish(),
  ExposedPorts: z.record(z.string(), z.object({})).nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  /** Instructions for a Dockerfile that begins with this image. */
  OnBuild: z.array(z.string()).nullish(),
  StopSignal: z.string().nullish(),
  Healthcheck: z.looseObject({ Test: z.array(z.string()).nullish() }).nullish(),
});
export type ContainerConfig = Readonly<z.infer<typeof containerConfig>>;
