import type { BatchRoute } from '../../core/batch-row.ts';
import { canScan, findPointer, listParts, memberParts } from '../json/pointer.ts';
import { type ListBody, type ListFormat, totalSize, UnequalLists } from './list-format.ts';

/**
 * Tensors of the Open Inference Protocol (github.com/kserve/open-inference-protocol, "inference_rest.md"): each has a
 * shape, whose first dimension is the number of inputs, and flat or nested data. Tensors of several calls are joined
 * along the first dimension.
 *
 * @param route whose pointers name a member of the document, for example "/inputs"
 */
export function tensorLists({ input, output }: Pick<BatchRoute, 'input' | 'output'>): ListFormat {
  return { read, join, divide };

  function read(body: string): ListBody | undefined {
    const document = readDocument(body, input);
    const size = document?.tensors[0]?.shape[0];
    if (document === undefined || size === undefined || size === 0) return undefined;
    const { members, tensors, id } = document;
    if (tensors.some(({ shape }) => shape[0] !== size)) return undefined;
    const frame: Frame = {
      members: members.filter(([name]) => name !== 'id'),
      tensors: tensors.map((tensor) => ({
        members: tensor.members,
        tail: tensor.shape.slice(1),
        isNested: tensor.isNested,
      })),
    };
    return { size, frame: JSON.stringify(frame), columns: tensors.map(({ data }) => data), id };
  }

  function join(bodies: readonly ListBody[]): string {
    const frame = JSON.parse(bodies[0]?.frame ?? '{}') as Frame;
    const size = totalSize(bodies);
    const tensors = frame.tensors.map(({ members, tail }, index) =>
      written(members, { shape: [size, ...tail], data: bodies.flatMap(({ columns }) => columns[index] ?? []) }),
    );
    return objectText(frame.members, { [nameIn(input)]: `[${tensors.join(',')}]` });
  }

  function divide(reply: string, bodies: readonly ListBody[]): readonly string[] {
    const inputs = totalSize(bodies);
    const document = readDocument(reply, output);
    if (document === undefined) throw new UnequalLists(inputs, undefined, output);
    const { members, tensors } = document;
    const wrong = tensors.find(({ shape }) => shape[0] !== inputs);
    if (wrong !== undefined) throw new UnequalLists(inputs, wrong.shape[0], output);
    let next = 0;
    return bodies.map(({ size, id }) => {
      const own = tensors.map((tensor) => {
        const each = tensor.data.length / inputs;
        const data = tensor.data.slice(next * each, (next + size) * each);
        return written(tensor.members, { shape: [size, ...tensor.shape.slice(1)], data });
      });
      next += size;
      return objectText(members, { [nameIn(output)]: `[${own.join(',')}]`, ...(id !== undefined && { id }) });
    });
  }
}

type Member = readonly [name: string, text: string];

/** The common part of bodies whose tensors can be joined. Members that are replaced are "". */
interface Frame {
  readonly members: readonly Member[];
  readonly tensors: readonly {
    readonly members: readonly Member[];
    readonly tail: readonly number[];
    readonly isNested: boolean;
  }[];
}

interface Tensor {
  readonly members: readonly Member[];
  readonly shape: readonly number[];
  /** The texts of the elements of `data`: numbers, or lists if it is nested. */
  readonly data: readonly string[];
  readonly isNested: boolean;
}

interface Document {
  readonly members: readonly Member[];
  readonly tensors: readonly Tensor[];
  readonly id: string | undefined;
}

function readDocument(text: string, pointer: string): Document | undefined {
  const whole = canScan(text) ? findPointer(text, '') : undefined;
  const members = whole && membersWithout(text.slice(whole.start, whole.end), [nameIn(pointer)]);
  const place = whole && findPointer(text, pointer);
  const list = place && listParts(text, place);
  if (members === undefined || list === undefined || list.length === 0) return undefined;
  const tensors = list.flatMap((part) => readTensor(part.text) ?? []);
  if (tensors.length < list.length) return undefined;
  return { members, tensors, id: members.find(([name]) => name === 'id')?.[1] };
}

function readTensor(text: string): Tensor | undefined {
  const members = membersWithout(text, ['shape', 'data']);
  const place = findPointer(text, '/data');
  const data = place && listParts(text, place)?.map((part) => part.text);
  const shape = readShape(text);
  if (members === undefined || data === undefined || shape === undefined) return undefined;
  const isNested = data[0]?.startsWith('[') === true;
  const expected = isNested ? shape[0] : shape.reduce((product, length) => product * length, 1);
  return data.length === expected ? { members, shape, data, isNested } : undefined;
}

function readShape(text: string): readonly number[] | undefined {
  const place = findPointer(text, '/shape');
  const shape: unknown = place && JSON.parse(text.slice(place.start, place.end));
  const isShape =
    Array.isArray(shape) && shape.length > 0 && shape.every((each) => Number.isInteger(each) && each >= 0);
  return isShape ? (shape as number[]) : undefined;
}

/**
 * The members of an object, with "" as the text of the named ones. Undefined if it is not an object, or has a name
 * twice.
 */
function membersWithout(text: string, names: readonly string[]): readonly Member[] | undefined {
  const members = memberParts(text)?.map((part): Member => [part.name, names.includes(part.name) ? '' : part.text]);
  return members === undefined || new Set(members.map(([name]) => name)).size < members.length ? undefined : members;
}

function written(members: readonly Member[], { shape, data }: Pick<Tensor, 'shape' | 'data'>): string {
  return objectText(members, { shape: JSON.stringify(shape), data: `[${data.join(',')}]` });
}

/** The object with these members and these texts. A text whose member is missing is added. */
function objectText(members: readonly Member[], texts: Readonly<Record<string, string>>): string {
  const names = new Set(members.map(([name]) => name));
  const added = Object.entries(texts).filter(([name]) => !names.has(name));
  const all = [
    ...members.map(([name, text]): Member => [name, Object.hasOwn(texts, name) ? (texts[name] ?? text) : text]),
    ...added,
  ];
  return `{${all.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

function nameIn(pointer: string): string {
  return pointer.slice(1).replaceAll('~1', '/').replaceAll('~0', '~');
}
