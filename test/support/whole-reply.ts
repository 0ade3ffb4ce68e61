import { collectBody } from '../../adapter/http/body.ts';
import type { ModelRequest, WholeResponse } from '../../adapter/http/message.ts';
import type { ModelServer } from '../../adapter/model/model-server.ts';

/** Calls the model server and reads its reply to the end. */
export async function wholeReply(model: ModelServer, request: ModelRequest): Promise<WholeResponse> {
  const response = await model.handle(request);
  return { ...response, body: (await collectBody(response.body)) ?? Buffer.alloc(0) };
}
