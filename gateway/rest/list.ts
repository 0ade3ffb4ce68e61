import { jsonReply, type GatewayRequest, type Reply } from '../http/message.ts';
import type { Json } from '../json/json.ts';
import { RestParameters } from './parameters.ts';

/** Lists or counts the entities of a collection, by the request's query. Throws Rejection 400. */
export async function listEntities<Entity>(
  request: GatewayRequest,
  collection: string,
  entities: readonly Entity[],
  describe: (entity: Entity) => Json | Promise<Json>,
): Promise<Reply> {
  const parameters = new RestParameters(request);
  const [skip, limit] = [parameters.skip(collection), parameters.limit(collection)];
  const rest = entities.slice(skip);
  if (parameters.boolean('count')) return jsonReply(200, { [collection]: rest.length });
  return jsonReply(200, await Promise.all(rest.slice(0, limit).map(async (entity) => describe(entity))));
}
