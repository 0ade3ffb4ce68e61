import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** The parameters of a web action in the bench. */
export interface Parameters {
  readonly __ow_method: string;
  readonly __ow_path: string;
  readonly __ow_headers: Readonly<Record<string, string>>;
  readonly __ow_body?: string;
  readonly [name: string]: unknown;
}

export interface Result {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/**
 * A minimal server of `/run`: parses the JSON, writes the result, and marks the end of the activation in both logs, as
 * every OpenWhisk runtime must. Each peer provides `handle`.
 */
export function serveRun(handle: (parameters: Parameters) => Result | Promise<Result>): void {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { value } = JSON.parse(Buffer.concat(chunks).toString()) as { value: Parameters };
    const body = Buffer.from(JSON.stringify(await handle(value)));
    process.stdout.write(endOfActivation);
    process.stderr.write(endOfActivation);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  };
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(Number(process.env['PORT']), '127.0.0.1');
}

/** The invoker expects it in both streams (docs/protocols/openwhisk.md). */
const endOfActivation = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX\n';

/** The caller's body: decoded from base64, or rebuilt from the parameters of a merged JSON body. */
export function sentBody(parameters: Parameters): Buffer | undefined {
  if (parameters.__ow_body !== undefined) return Buffer.from(parameters.__ow_body, 'base64');
  const text = mergedJson(parameters);
  return text === undefined ? undefined : Buffer.from(text);
}

/** The text of a JSON body that was merged into the parameters. Undefined if there was no such body. */
export function mergedJson(parameters: Parameters): string | undefined {
  if (parameters.__ow_headers['content-type'] !== 'application/json') return undefined;
  return JSON.stringify(Object.fromEntries(Object.entries(parameters).filter(([name]) => !name.startsWith('__ow_'))));
}
