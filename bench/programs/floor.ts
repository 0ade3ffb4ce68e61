import { sentBody, serveRun } from './front.ts';
import { storedImage } from './work.ts';

/** Parses the JSON, decodes the base64 and encodes a reply, without calling an app. */
serveRun((parameters) => {
  const bytes = sentBody(parameters);
  const [, length] = /^\/image\/(\d+)$/.exec(parameters.__ow_path) ?? [];
  if (length === undefined) {
    const headers = { 'content-type': 'application/json' };
    return { statusCode: 200, headers, body: JSON.stringify({ status: 'ok', bytes: bytes?.length }) };
  }
  const body = storedImage(Number(length)).toString('base64');
  return { statusCode: 200, headers: { 'content-type': 'image/png' }, body };
});
