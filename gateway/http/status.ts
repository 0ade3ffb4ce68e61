import { STATUS_CODES } from 'node:http';

/** The reason phrase that pekko-http writes (StatusCode.scala). "" for an unknown status. */
export function reasonPhrase(status: number): string {
  return ownPhrases[status] ?? STATUS_CODES[status] ?? '';
}

/** Whether a reply with this status may have a body, and so a Content-Type and a Content-Length. */
export function allowsEntity(status: number): boolean {
  return status >= 200 && ![204, 205, 304].includes(status);
}

/** Phrases of pekko-http 1.1.0 that Node lacks or words differently. */
const ownPhrases: Readonly<Record<number, string>> = {
  413: 'Content Too Large',
  418: "I'm a teapot",
  420: 'Enhance Your Calm',
  422: 'Unprocessable Content',
  449: 'Retry With',
  450: 'Blocked by Windows Parental Controls',
  598: 'Network read timeout error',
  599: 'Network connect timeout error',
};
