import { STATUS_CODES } from 'node:http';

/** The reason phrase that pekko-http writes; none for a status that it does not know (StatusCode.scala). */
export function reasonPhrase(status: number): string {
  return ownPhrases[status] ?? STATUS_CODES[status] ?? '';
}

/** Whether a reply with this status may have a body; where not, it has neither a type nor a length. */
export function allowsEntity(status: number): boolean {
  return status >= 200 && ![204, 205, 304].includes(status);
}

/** What pekko-http 1.1.0 says differently from Node, or Node not at all. */
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
