import type { ModelRow } from '../../core/row.ts';
import type { PageAction, PageInput } from '../../page/wire.ts';
import { type Action, qualifiedName } from '../action.ts';

/** What the page needs to build a form for an action. */
export function describeAction(action: Action, namespace: string): PageAction {
  const { row } = action;
  const name = qualifiedName(action);
  return {
    name,
    title: row?.title ?? name,
    path: `/api/v1/web/${namespace}/${action.package === undefined ? `default/${name}` : name}`,
    input: row === undefined ? { kind: 'unknown' } : inputOf(row),
    parameters: (row?.predict.parameters ?? []).map((parameter) => ({
      name: parameter.name,
      type: parameter.type,
      required: parameter.required,
      value: String(row?.sample?.query?.[parameter.name] ?? parameter.default ?? ''),
      values: parameter.values ?? [],
    })),
    pictures: (row?.routes ?? [])
      .filter(({ method, output }) => method === 'POST' && output.startsWith('image/'))
      .map(({ path, description = '' }) => ({ path, description })),
  };
}

function inputOf({ predict: { input }, sample }: ModelRow): PageInput {
  switch (input.kind) {
    case 'file': {
      const { field, filename, contentType, accepts = [contentType] } = input;
      return { kind: 'file', field, filename, contentType, accepts };
    }
    case 'json':
      return { kind: 'json', sample: JSON.stringify(sample?.json ?? {}, undefined, 2) };
    case 'query':
      return { kind: 'query' };
    case 'raw':
      return { kind: 'unknown' };
  }
}
