import { parse, stringify } from 'lossless-json';
import type { CallResult } from './send.ts';

/** One line of JSON for one input: the reply, or the error. */
export function resultLine(input: string, result: CallResult): string {
  const milliseconds = Math.round(result.milliseconds * 100) / 100;
  if (result.kind === 'failure') {
    const { code, message } = result;
    return `${JSON.stringify({ input, error: { code, message }, milliseconds })}\n`;
  }
  const { status, contentType, body } = result;
  return `${stringify({ input, status, milliseconds, ...contentOf(contentType, body) })}\n`;
}

/** JSON with all its digits, text as text, other bytes as base64 with their type. */
function contentOf(contentType: string, body: Buffer): Record<string, unknown> {
  if (/[/+]json\b/i.test(contentType)) {
    try {
      return { reply: parse(body.toString()) };
    } catch {
      return { reply: body.toString() };
    }
  }
  if (body.length === 0) return {};
  return /^text\//i.test(contentType)
    ? { reply: body.toString() }
    : { contentType: contentType || 'application/octet-stream', base64: body.toString('base64') };
}
