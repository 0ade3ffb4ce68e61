import type { Progress } from '../../progress.ts';

/**
 * Reads the progress of a `docker push` or `docker pull` from the lines that it prints without a terminal: one for each
 * layer and step, for example "5f70bf18a086: Pushed".
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
