import type { ModelRow } from '../../core/row.ts';
import { plainName } from './template.ts';

/** What an image's reference and configuration tell about its server. */
export interface ImageFacts {
  readonly image: string;
  /** Entrypoint and command, as one line. */
  readonly start: string;
  /** Exposed TCP ports, in order. */
  readonly ports: readonly number[];
  /** Names of the image's labels. */
  readonly labels: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
}

export interface Recognised {
  readonly row: ModelRow;
  /** Completes "because …". */
  readonly because: string;
}

/** Finds the catalogue's row for an image it does not name: a mirror of one it does, or a kind of server it knows. */
export function recognise(facts: ImageFacts, catalogue: readonly ModelRow[]): Recognised | undefined {
  return mirrorOf(facts, catalogue) ?? kindOf(facts, catalogue) ?? maxServer(facts);
}

interface Signs {
  /** Name of the template row. */
  readonly row: string;
  readonly image?: RegExp;
  readonly start?: RegExp;
  readonly label?: RegExp;
  readonly environment?: string;
}

/** Read in the projects' own Dockerfiles and entry scripts; the first sign that fits decides. */
const kinds: readonly Signs[] = [
  {
    row: 'tensorflow-serving',
    image: /(tensorflow|tf)[-_/]?serving/,
    start: /tf_serving_entrypoint|tensorflow_model_server/,
  },
  { row: 'torchserve', image: /torchserve/, start: /torchserve|dockerd-entrypoint/ },
  { row: 'triton', image: /tritonserver/, start: /tritonserver/, label: /^com\.nvidia\.tritonserver\./ },
  { row: 'cog', image: /^r8\.im\//, start: /cog\.server\.http/, label: /^(run\.cog|org\.cogmodel)\./ },
  {
    row: 'text-generation-inference',
    image: /text-generation-inference/,
    start: /text-generation-launcher|tgi-entrypoint/,
  },
  { row: 'text-embeddings-inference', image: /text-embeddings-inference/, start: /text-embeddings-router/ },
  { row: 'ollama', image: /\bollama\b/, start: /\bollama serve\b/ },
  { row: 'llama-cpp', image: /\bllama\.cpp\b/, start: /\bllama-server\b/ },
  { row: 'mlserver', image: /\bmlserver\b/, start: /\bmlserver start\b/, environment: 'MLSERVER_MODELS_DIR' },
  { row: 'bentoml', start: /\bbentoml\b|\/bento\//, environment: 'BENTO_PATH' },
  { row: 'mlflow', start: /\bmlflow\b/, environment: 'MLFLOW_DISABLE_ENV_CREATION' },
  { row: 'seldon', start: /\bseldon-core-microservice\b|\/s2i\/bin\/run/ },
  {
    row: 'kserve',
    image: /\bkserve\//,
    start: /\b(kserve|sklearnserver|xgbserver|lgbserver|pmmlserver|paddleserver)\b/,
  },
];

function mirrorOf({ image }: ImageFacts, catalogue: readonly ModelRow[]): Recognised | undefined {
  const name = plainName(image);
  const row = catalogue.find(
    (known) => !known.template && [known.image, ...known.images].map(plainName).includes(name),
  );
  return row === undefined ? undefined : { row, because: `the image is called ${name}, like that of row ${row.name}` };
}

function kindOf(facts: ImageFacts, catalogue: readonly ModelRow[]): Recognised | undefined {
  for (const signs of kinds) {
    const because = signOf(facts, signs);
    const row = catalogue.find((known) => known.name === signs.row);
    if (because !== undefined && row !== undefined) return { row, because };
  }
  return undefined;
}

function signOf(facts: ImageFacts, { image, start, label, environment }: Signs): string | undefined {
  if (image?.test(facts.image) === true) return `of the image's name`;
  if (start?.test(facts.start) === true) return `it starts with ${JSON.stringify(facts.start)}`;
  const found = facts.labels.find((name) => label?.test(name));
  if (found !== undefined) return `of its label ${found}`;
  return environment !== undefined && facts.environment.has(environment) ? `${environment} is set in it` : undefined;
}

/** IBM's MAX framework: python app.py on port 5000, /model/predict, most often with an image. */
function maxServer({ image, start, ports }: ImageFacts): Recognised | undefined {
  const because =
    /\bpython3? app\.py\b/.test(start) && ports.includes(5000)
      ? 'it runs python app.py and exposes port 5000'
      : /(^|\/)max-[^/]*$/.test(image) && `of the image's name`;
  if (because === false) return undefined;
  return { row: maxRow, because };
}

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
    input: {
      kind: 'file',
      field: 'image',
      filename: 'image.jpg',
      contentType: 'image/jpeg',
      contentTypeEnforced: false,
    },
    parameters: [],
    output: 'application/json',
  },
  routes: [],
  memory: 2048,
  sample: { file: 'image.jpg' },
};
