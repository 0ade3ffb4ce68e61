import { bentoml } from './bentoml/server.ts';
import { cog } from './cog/server.ts';
import { fastapi } from './fastapi/server.ts';
import { gradio } from './gradio/server.ts';
import { kserve } from './kserve/server.ts';
import { litserve } from './litserve/server.ts';
import { llamaCpp } from './llama-cpp/server.ts';
import { mlflow } from './mlflow/server.ts';
import { mlserver } from './mlserver/server.ts';
import { ray } from './ray/server.ts';
import { torchserve } from './torchserve/server.ts';
import type { ServerCase } from './server-case.ts';

/** All servers, the fastest ones first. */
export const servers: readonly ServerCase[] = [
  fastapi,
  litserve,
  cog,
  bentoml,
  gradio,
  kserve,
  mlserver,
  mlflow,
  ray,
  torchserve,
  llamaCpp,
];

/** @throws Error with the names of all servers */
export function findServer(name: string): ServerCase {
  const server = servers.find((each) => each.name === name);
  if (server !== undefined) return server;
  throw new Error(
    `there is no server ${JSON.stringify(name)}; there are ${servers.map((each) => each.name).join(', ')}`,
  );
}
