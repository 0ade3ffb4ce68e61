import type { CatalogueCost } from './build-catalogue.ts';
import type { LinkCost } from './build-link.ts';
import type { Cost } from './process-cost.ts';
import { table, verdict } from './report.ts';

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

/** What was aimed at, what was measured, and whether it was met. */
export function aimsTable({ contestants, catalogue, links, bytesOfOneMore }: BuildResults): string {
  const [ours, ...others] = contestants;
  if (ours === undefined) return '';
  const faster = (name: string, aim: number): readonly Aim[] => {
    const other = others.find((each) => each.name.startsWith(name));
    if (other === undefined) return [];
    return (['first', 'further'] as const).map((when) => {
      const times = other[when].seconds / ours[when].seconds;
      return [`${when} model: at least ${aim} × faster than ${name}`, `${times.toFixed(1)} ×`, times >= aim];
    });
  };
  const { models, cost } = catalogue;
  const peak = Math.max(ours.first.megabytes, ours.further.megabytes);
  const aims: readonly Aim[] = [
    ...faster('docker', 50),
    ...faster('crane', 1),
    [`all ${models} models of the catalogue: less than 4 s`, `${cost.seconds.toFixed(2)} s`, cost.seconds < 4],
    ...(links ?? []).map(linkAim),
    ['peak memory: less than 100 MB', `${peak.toFixed(0)} MB`, peak < 100],
    ['sent for a further model, with headers: less than 20 KB', kilobytes(bytesOfOneMore), bytesOfOneMore < 20_000],
  ];
  const rows = aims.map(([aim, measured, met]) => [aim, measured, verdict(met)]);
  const note = links === undefined ? ['', 'The slow link was not measured: it needs root, `ip` and `tc`.'] : [];
  return [table(['aim', 'measured', 'met'], rows), ...note].join('\n');
}

type Aim = readonly [aim: string, measured: string, met: boolean];

function linkAim({ name, needed, cost }: LinkCost): Aim {
  const ratio = cost.seconds / needed;
  return [
    `100 Mbit/s, ${name}: at most 1.2 × the time that its bytes need`,
    `${ratio.toFixed(2)} × (${cost.seconds.toFixed(2)} s, ${needed.toFixed(2)} s for the bytes)`,
    ratio <= 1.2,
  ];
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} KB`;
}
