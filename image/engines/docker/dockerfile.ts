import type { ContainerConfig } from '../../container-config.ts';
import { dockerWord } from '../adapter-image.ts';

/** The Dockerfile instructions that turn one image configuration into another, a line each. */
export function configInstructions(from: ContainerConfig, to: ContainerConfig): string[] {
  const present = new Set(from.Env);
  return [
    ...(to.Env ?? []).filter((variable) => !present.has(variable)).map((variable) => `ENV ${assignment(variable)}`),
    ...Object.entries(to.Labels ?? {})
      .filter(([name, value]) => from.Labels?.[name] !== value)
      .map(([name, value]) => `LABEL ${dockerWord(name)}=${dockerWord(value)}`),
    ...Object.keys(to.ExposedPorts ?? {})
      .filter((port) => from.ExposedPorts?.[port] === undefined)
      .map((port) => `EXPOSE ${port}`),
    ...(to.Healthcheck?.Test?.[0] === 'NONE' ? ['HEALTHCHECK NONE'] : []),
    ...(to.OnBuild ?? []).map((instruction) => `ONBUILD ${instruction}`),
    // Setting the entrypoint also clears the command that came with the base.
    `ENTRYPOINT ${JSON.stringify(to.Entrypoint ?? [])}`,
  ];
}

function assignment(variable: string): string {
  const end = variable.indexOf('=');
  return `${variable.slice(0, end)}=${dockerWord(variable.slice(end + 1))}`;
}
