import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PageFiles } from '../../page/files.ts';
import { azurePolicy, securityHeaders } from '../../page/security.ts';
import { sendText, urlOf } from '../http.ts';

/** Answers with a file of the page, or with 404. */
export async function sendPageFile(
  request: IncomingMessage,
  response: ServerResponse,
  page: () => Promise<PageFiles>,
): Promise<void> {
  const file = request.method === 'GET' ? (await page()).get(urlOf(request).pathname) : undefined;
  if (file === undefined) {
    sendText(response, 404, 'No function has this route.');
    return;
  }
  response.writeHead(200, { ...securityHeaders(azurePolicy), 'Content-Type': file.contentType }).end(file.content);
}
