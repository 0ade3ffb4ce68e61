import type { Progress } from '../../progress.ts';

/**
 * Reads how far a `docker push` or `docker pull` has come from the lines that it prints where there is no terminal: one
 * for each layer and each step, "5f70bf18a086: Pushed" for example.
 */
export function layerProgress(message: string, progress: Progress): (line: string) => void {
  const finished = new Map<string, boolean>();
  return (line) => {
    const [, layer, step = ''] = /^([0-9a-f]{12}): (.+)$/.exec(line.trim()) ?? [];
    if (layer === undefined) return;
    finished.set(layer, /^(Pushed|Layer already exists|Mounted from|Pull complete|Already exists)/.test(step));
    const done = [...finished.values()].filter(Boolean).length;
    progress(message, { done, total: finished.size, unit: 'layers' });
  };
}
