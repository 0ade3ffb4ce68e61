import { isDeepStrictEqual } from 'node:util';
import type { ContainerConfig } from '../container-config.ts';
import type { InspectedImage } from './engine.ts';
import { addedPath } from './verify/run-config-differences.ts';
import { parseVariable } from './wrap-config.ts';

/** How many layers the adapter has. */
const adapterLayers = 2;

/**
 * What was added to an image after the adapter, one line each, for example by a Dockerfile that begins with the image.
 * Differences between versions of the adapter are left out.
 */
export function changesAfterwards(image: InspectedImage, base: InspectedImage): readonly string[] {
  return [
    ...(isDeepStrictEqual(image.diffIds.slice(0, -adapterLayers), base.diffIds)
      ? []
      : [`it has ${image.diffIds.length} layers, which are not the base's ${base.diffIds.length} and the adapter's`]),
    ...variableChanges(image.config, base.config),
    ...labelChanges(image.config, base.config),
    ...(image.config.Cmd?.length ? [`it has a command: ${JSON.stringify(image.config.Cmd)}`] : []),
    ...['User', 'WorkingDir', 'Volumes'].flatMap((key) => {
      const [found, wanted] = [orUndefined(image.config[key]), orUndefined(base.config[key])];
      return isDeepStrictEqual(found, wanted) ? [] : [`its ${key} is ${JSON.stringify(found ?? null)}`];
    }),
  ];
}

/** The adapter empties variables of the base, and adds those that describe the model. */
function variableChanges({ Env: found }: ContainerConfig, { Env: wanted }: ContainerConfig): readonly string[] {
  const own = /^MODELWHISK_(MODEL|BASE|CHECKSUM)$/;
  const known = new Map((wanted ?? []).map(parseVariable));
  return (found ?? [])
    .filter((variable) => known.has('PATH') || variable !== addedPath)
    .map(parseVariable)
    .filter(([name, value]) => !own.test(name) && value !== '' && known.get(name) !== value)
    .map(([name, value]) => `its variable ${name} is ${JSON.stringify(value)}`);
}

function labelChanges({ Labels: found }: ContainerConfig, { Labels: wanted }: ContainerConfig): readonly string[] {
  return Object.entries(found ?? {})
    .filter(([name]) => !/^(dev\.modelwhisk|org\.opencontainers\.image\.base)\./.test(name))
    .filter(([name, value]) => wanted?.[name] !== value)
    .map(([name, value]) => `its label ${name} is ${JSON.stringify(value)}`);
}

/** Docker and registries write an absent setting in different ways. */
function orUndefined(value: unknown): unknown {
  const isEmpty = value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
  return isEmpty ? undefined : value;
}
