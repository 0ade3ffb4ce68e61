import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

test('V8 optimizes a function after fewer calls if its settings are known, else after as many, and reports none', async () => {
  const [byDefault, early] = await Promise.all([countCalls('false'), countCalls('await optimizeEarly()')]);
  expect(early.calls < byDefault.calls / 2).toBe(early.isTuned);
});

/** The calls of a function until V8 has optimized it, after an expression that says whether V8 got settings. */
async function countCalls(tuning: string): Promise<{ readonly isTuned: boolean; readonly calls: number }> {
  const program = `
    import { optimizeEarly } from ${JSON.stringify(join(import.meta.dirname, '../../adapter/optimize-early.ts'))};
    const isTuned = ${tuning};
    // A native of V8, which TypeScript does not know. Bit 4: the function is optimized (Runtime_GetOptimizationStatus).
    const status = new Function('called', 'return %GetOptimizationStatus(called)');
    const named = (text) => text.slice(text.indexOf('=') + 1) + text.length;
    let calls = 0;
    for (; calls < 1e6 && (status(named) & 16) === 0; calls += 1) named('name=' + calls);
    console.log(JSON.stringify({ isTuned, calls }));`;
  // Compiled on this thread, so that the number does not depend on the machine's load.
  const flags = ['--allow-natives-syntax', '--no-concurrent-recompilation'];
  const { stdout, stderr } = await execa(process.execPath, [...flags, '--import', 'tsx', '--input-type=module'], {
    input: program,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as { isTuned: boolean; calls: number };
}
