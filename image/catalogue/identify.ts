import type { ModelRow } from '../../core/row.ts';
import { type ImageFacts, type Recognised, startOf } from './image-facts.ts';
import { maxServer } from './max-server.ts';
import { plainName } from './template.ts';

/**
 * Finds the catalogue's row for an image that it does not name: a mirror of an image that it names, or a known kind of
 * server.
 */
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

/** From the projects' own Dockerfiles and entry scripts. The first match decides. */
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
  { row: 'vllm', image: /\bvllm\b/, start: /\bvllm serve\b|\bvllm\.entrypoints\b/ },
  { row: 'sglang', image: /\bsglang\b/, start: /\bsglang(\.launch_server| serve)\b/ },
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
  return row === undefined
    ? undefined
    : { row, because: `the image is called ${name}, like that of row ${row.name}`, guesses: [] };
}

function kindOf(facts: ImageFacts, catalogue: readonly ModelRow[]): Recognised | undefined {
  for (const signs of kinds) {
    const because = signOf(facts, signs);
    const row = catalogue.find((known) => known.name === signs.row);
    if (because !== undefined && row !== undefined) return { row, because, guesses: [] };
  }
  return undefined;
}

function signOf(facts: ImageFacts, { image, start, label, environment }: Signs): string | undefined {
  if (image?.test(facts.image) === true) return `of the image's name`;
  const line = startOf(facts);
  if (start?.test(line) === true) return `it starts with ${JSON.stringify(line)}`;
  const found = [...facts.labels.keys()].find((name) => label?.test(name));
  if (found !== undefined) return `of its label ${found}`;
  return environment !== undefined && facts.environment.has(environment) ? `${environment} is set in it` : undefined;
}
