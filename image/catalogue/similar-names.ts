import leven from 'leven';

/** At most three of the known names: the nearest by spelling, else those that contain the name or are part of it. */
export function similarNames(name: string, known: readonly string[]): readonly string[] {
  const [nearest] = known.toSorted((a, b) => leven(name, a) - leven(name, b));
  if (nearest !== undefined && leven(name, nearest) <= Math.max(2, name.length / 4)) return [nearest];
  return known.filter((candidate) => candidate.includes(name) || name.includes(candidate)).slice(0, 3);
}
