import type { CatalogueCost } from './build-catalogue.ts';
import type { LinkCost } from './build-link.ts';
import type { Cost } from './process-cost.ts';
import type { Aim } from './report.ts';

export interface Measured {
  readonly name: string;
  readonly first: Cost;
  readonly further: Cost;
}

export interface BuildResults {
  /** The first one is modelwhisk. */
  readonly contestants: readonly Measured[];
  readonly catalogue: CatalogueCost;
  /** Undefined without the right to make a network namespace. */
  readonly links: readonly LinkCost[] | undefined;
  /** Bytes that are sent for a further model. */
  readonly bytesOfOneMore: number;
}

export function buildAims({ contestants, catalogue, links, bytesOfOneMore }: BuildResults): readonly Aim[] {
  const [ours, ...others] = contestants;
  if (ours === undefined) return [];
  const faster = (name: string, aim: number, limit?: string): readonly Aim[] => {
    const other = others.find((each) => each.name.startsWith(name));
    if (other === undefined) return [];
    return (['first', 'further'] as const).map((when) => {
      const times = other[when].seconds / ours[when].seconds;
      return {
        aim: `${when} model: at least ${aim} × faster than ${name}`,
        measured: `${times.toFixed(1)} ×`,
        met: times >= aim,
        limit,
      };
    });
  };
  const { models, cost } = catalogue;
  const peak = Math.max(ours.first.megabytes, ours.further.megabytes);
  return [
    ...faster('docker', 50, startOfNode),
    ...faster('crane', 1),
    {
      aim: `all ${models} models of the catalogue: less than 4 s`,
      measured: `${cost.seconds.toFixed(2)} s`,
      met: cost.seconds < 4,
    },
    ...(links ?? []).map(linkAim),
    { aim: 'building: peak memory less than 100 MB', measured: `${peak.toFixed(0)} MB`, met: peak < 100 },
    {
      aim: 'sent for a further model, with headers: less than 20 KB',
      measured: kilobytes(bytesOfOneMore),
      met: bytesOfOneMore < 20_000,
    },
  ];
}

const startOfNode = [
  'Half of modelwhisk’s time for a further model is the start of Node.js and of the program; for the first it also sends the',
  'runtime layer of 38 MB. docker needed 26 s on the machine for which the aim was set.',
].join('\n');

function linkAim({ name, needed, cost }: LinkCost): Aim {
  const ratio = cost.seconds / needed;
  return {
    aim: `100 Mbit/s, ${name}: at most 1.2 × the time that its bytes need`,
    measured: `${ratio.toFixed(2)} × (${cost.seconds.toFixed(2)} s, ${needed.toFixed(2)} s for the bytes)`,
    met: ratio <= 1.2,
  };
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} KB`;
}
