import type { ErrorRequestHandler, RequestHandler } from 'express';
import { MulterError } from 'multer';
import { sendJson } from './json.ts';

/** A request that cannot be served, with the reply for its caller. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    options: { body?: Record<string, unknown>; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.status = status;
    this.body = { ...options.body, message };
    this.headers = options.headers ?? {};
  }
}

/** The 400 that a missing or malformed argument gets: the argument's name → what is wrong with it. */
export function invalidInput(errors: Record<string, string>): HttpError {
  return new HttpError(400, 'Input payload validation failed', { body: { errors } });
}

/** Answers every method without a route: OPTIONS with the allowed methods, others with 405. */
export function allowOnly(...methods: string[]): RequestHandler {
  const allow = [...methods, 'OPTIONS'].join(', ');
  return (request, response) => {
    if (request.method !== 'OPTIONS') {
      throw new HttpError(405, `${request.method} is not allowed here`, { headers: { Allow: allow } });
    }
    response.set('Allow', allow).status(200).end();
  };
}

export const notFound: RequestHandler = (request) => {
  throw new HttpError(404, `There is nothing at ${request.path}; GET / shows what there is`);
};

/** Express recognises error handlers by their four parameters. */
export const answerError: ErrorRequestHandler = (thrown: unknown, _request, response, next) => {
  if (response.headersSent) {
    next(thrown);
    return;
  }
  const { status, body, headers } = toHttpError(thrown);
  sendJson(response.status(status).set(headers), body);
};

function toHttpError(thrown: unknown): HttpError {
  if (thrown instanceof HttpError) {
    return thrown;
  }
  if (thrown instanceof MulterError) {
    return new HttpError(thrown.code === 'LIMIT_FILE_SIZE' ? 413 : 400, thrown.message);
  }
  if (thrown instanceof Error && 'status' in thrown && 'expose' in thrown && thrown.expose === true) {
    return new HttpError(Number(thrown.status), thrown.message);
  }
  if (thrown instanceof Error && malformedMultipart.test(thrown.message)) {
    return new HttpError(400, `The multipart body is malformed: ${thrown.message}`);
  }
  console.error(thrown);
  return new HttpError(500, 'Internal Server Error');
}

/** Multer and its parser busboy throw plain errors, which differ only in their texts. */
const malformedMultipart =
  /^(Multipart: |Malformed |Unexpected end of |Unsupported content type|Request (aborted|closed))/;
