import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { platforms } from '../../adapter/platforms/detect.ts';
import { tableHead, tableOfReadme, titleOf } from './platform-table.ts';

// That each suite has its line there is tested where the suite is.
test("the README's table of the contract suite has one line for each suite there is, and no other", () => {
  const suites = platforms.flatMap((platform) => {
    const source = readFileSync(
      join(import.meta.dirname, '../adapter/platforms', platform, 'contract.test.ts'),
      'utf8',
    );
    return [...source.matchAll(/^platformContractSuite\(\s*'([^']*)'/gm)].map(([, name = '']) => titleOf(name));
  });
  const [head, ...lines] = tableOfReadme();
  expect(head).toBe(tableHead());
  expect(lines.map((line) => line.split(' | ')[0]?.slice(2))).toEqual(suites);
});
