import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelRow } from '../../../../core/row.ts';
import { echoServer } from '../../echo-server.ts';

/** Events as in AWS's documentation, shortened. */
export type FixtureName =
  | 'rest-api'
  | 'rest-api-console-test'
  | 'http-api'
  | 'function-url'
  | 'load-balancer'
  | 'load-balancer-multi-value'
  | 'http-api-payload-1'
  | 'lattice-1'
  | 'lattice-2'
  | 's3-put'
  | 'sqs';

export function fixture(name: FixtureName): Record<string, unknown> {
  const path = join(import.meta.dirname, 'fixtures', `${name}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}

/** The row of a model that takes a file, for the echo app. */
export const fileRow = modelRow.parse({
  name: 'model',
  title: 'Model',
  image: 'me/model',
  server: echoServer,
  predict: {
    input: { kind: 'file', field: 'image', filename: 'image.jpg', contentType: 'image/jpeg' },
    parameters: [{ name: 'threshold', type: 'number' }],
  },
});
