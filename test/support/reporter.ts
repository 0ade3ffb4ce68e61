import { readdirSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';
import { lacksOptional, missingRequirements } from './requirements.ts';

/**
 * Prints at the end of a run what vitest's summary lacks: which tests were skipped and what they need, and in CI the
 * slowest files and one line with the counts. In CI a skipped test fails the run.
 */
export class ClosingReporter implements Reporter {
  readonly #print: (line: string) => void;
  readonly #maySkip: () => boolean;
  #quickOnly = false;

  /** @param maySkip whether this machine lacks something that is optional in CI too */
  constructor(print: (line: string) => void = (line) => console.log(line), maySkip = lacksOptional) {
    this.#print = print;
    this.#maySkip = maySkip;
  }

  onInit({ config }: Vitest): void {
    this.#quickOnly = [config.project].flat().join() === 'quick';
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    for (const line of notRun(count('skipped'), this.#quickOnly)) this.#print(line);
    if (!process.env['CI']) return;
    for (const line of this.#maySkip() ? [] : skippedTests(tests)) {
      this.#print(line);
      process.exitCode = 1;
    }
    this.#print('The slowest files:');
    for (const line of slowest(modules)) this.#print(line);
    this.#print(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
  }
}

function notRun(skipped: number, quickOnly: boolean): readonly string[] {
  const lines: string[] = [];
  if (quickOnly) {
    const files = readdirSync('test', { recursive: true }).filter((name) =>
      String(name).endsWith('.slow.test.ts'),
    ).length;
    lines.push(`Not run: ${files} files of slow tests. They need Docker, registries, Go or Python, or take minutes.`);
    lines.push('To run them too: npm run test:all');
  }
  if (skipped > 0) {
    const missing = missingRequirements();
    const reason = missing.length > 0 ? ` This machine lacks: ${missing.join(', ')}.` : '';
    lines.push(`Skipped: ${skipped} tests.${reason}`);
    lines.push('To install what they need (Debian, as root) and run everything: .ci/run');
  }
  return lines;
}

function skippedTests(tests: readonly TestCase[]): readonly string[] {
  return tests
    .filter((test) => test.result().state === 'skipped')
    .map((test) => `skipped in CI: ${relative('.', test.module.moduleId)} > ${test.fullName}`);
}

function slowest(modules: readonly TestModule[]): readonly string[] {
  return modules
    .map((module) => ({ file: relative('.', module.moduleId), seconds: secondsOf(module) }))
    .toSorted((one, other) => other.seconds - one.seconds)
    .slice(0, 10)
    .map(({ file, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${file}`);
}

function secondsOf(module: TestModule): number {
  const { collectDuration, duration, setupDuration } = module.diagnostic();
  return (collectDuration + duration + setupDuration) / 1000;
}
