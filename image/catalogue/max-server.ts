import type { ModelRow } from '../../core/row.ts';
import { type ImageFacts, type Recognised, startOf } from './image-facts.ts';

/** IBM's MAX framework: python app.py on port 5000, /model/predict, most often with an image. */
export function maxServer(facts: ImageFacts): Recognised | undefined {
  const { image, ports } = facts;
  const because =
    /\bpython3? app\.py\b/.test(startOf(facts)) && ports.includes(5000)
      ? 'it runs python app.py and exposes port 5000'
      : /(^|\/)max-[^/]*$/.test(image) && `of the image's name`;
  if (because === false) return undefined;
  const { input, word, source } = maxInput(facts);
  const row = { ...maxRow, predict: { ...maxRow.predict, input } };
  const flag = input.kind === 'file' ? `file:${input.field}` : input.kind;
  const why = word === undefined ? 'as most MAX models take an image' : `as its ${source} says ${JSON.stringify(word)}`;
  const told =
    `predict: POST /model/predict ${flag}, ${why}; where that is wrong, say what it takes: ` +
    `--predict '/model/predict file:file', --predict '/model/predict file:text' or --predict '/model/predict json'`;
  return { row, because, guesses: [told] };
}

/** What the image's name and the labels that describe it say of the input. */
function maxInput({ image, labels }: ImageFacts): {
  readonly input: ModelRow['predict']['input'];
  readonly word: string | undefined;
  readonly source: string;
} {
  const described = [...labels].filter(([name]) => /(^|[.-])(title|description|summary|name)$/.test(name));
  for (const [source, text] of [
    ...described.map(([name, value]) => [`label ${name}`, value] as const),
    ['name', image] as const,
  ]) {
    for (const { pattern, input } of maxInputs) {
      const word = pattern.exec(text)?.[0];
      if (word !== undefined) return { input, word, source };
    }
  }
  return { input: imageInput, word: undefined, source: '' };
}

function filePart(field: string, filename: string, contentType: string): ModelRow['predict']['input'] {
  return { kind: 'file', field, filename, contentType, contentTypeEnforced: false };
}

const imageInput = filePart('image', 'image.jpg', 'image/jpeg');

/** Most models of the catalogue that take text take it as JSON. */
const maxInputs: readonly { readonly pattern: RegExp; readonly input: ModelRow['predict']['input'] }[] = [
  { pattern: /\b(images?|photos?|pictures?|faces?|facial)\b/i, input: imageInput },
  { pattern: /\b(audio|speech|sounds?)\b/i, input: filePart('audio', 'audio.wav', 'audio/wav') },
  { pattern: /\bvideos?\b/i, input: filePart('video', 'video.mp4', 'video/mp4') },
  { pattern: /\b(text|sentences?|comments?|questions?|reviews?|language)\b/i, input: { kind: 'json', fields: [] } },
  { pattern: /\b(files?|csv|archive)\b/i, input: filePart('file', 'file', 'application/octet-stream') },
];

const maxRow: ModelRow = {
  name: 'max',
  title: 'MAX model',
  image: 'codait/max-skeleton',
  images: [],
  template: false,
  server: { kind: 'http', port: 5000, ready: { kind: 'port' }, background: false, forceNoStream: false },
  predict: {
    method: 'POST',
    path: '/model/predict',
    input: imageInput,
    parameters: [],
    output: 'application/json',
  },
  routes: [],
  memory: 2048,
};
