import type { PageAction } from './wire.ts';

/** The content of the form. */
export type Payload =
  | { readonly kind: 'file'; readonly field: string; readonly file: Blob; readonly filename: string }
  | { readonly kind: 'json'; readonly text: string }
  | { readonly kind: 'none' };

/** One call of an action, for fetch and for the curl command. */
export interface ActionCall {
  readonly action: PageAction;
  /** Path after the action's own path. "" for the predict route. */
  readonly route: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly payload: Payload;
}

/** The URL with its query. Relative to the page, like the action's path. */
export function targetOf({ action, route, query }: ActionCall): string {
  const search = new URLSearchParams(query.map(([name, value]) => [name, value])).toString();
  return `${action.path}${route}${search === '' ? '' : `?${search}`}`;
}

/** The request for fetch. */
export function requestOf({ payload }: ActionCall): RequestInit {
  switch (payload.kind) {
    case 'file': {
      const form = new FormData();
      form.append(payload.field, payload.file, payload.filename);
      return { method: 'POST', body: form };
    }
    case 'json':
      return { method: 'POST', body: payload.text, headers: { 'content-type': 'application/json' } };
    case 'none':
      return { method: 'GET' };
  }
}

/**
 * A shell command that sends the same call. A drawn or recorded file must be saved under its name first. While no file is
 * chosen, it names the one of the action's row.
 *
 * @param base URL of the page
 */
export function curlLine(call: ActionCall, base: string): string {
  const url = quoted(new URL(targetOf(call), base).href);
  const { payload } = call;
  switch (payload.kind) {
    case 'file':
      return `curl -F ${partOf(payload.field, payload.filename, payload.file.type)} ${url}`;
    case 'json':
      return `curl -H 'Content-Type: application/json' -d ${quoted(payload.text)} ${url}`;
    case 'none': {
      const { input } = call.action;
      return input.kind === 'file'
        ? `curl -F ${partOf(input.field, input.filename, input.contentType)} ${url}`
        : `curl ${url}`;
    }
  }
}

function partOf(field: string, filename: string, type: string): string {
  return quoted(`${field}=@${filename}${type === '' ? '' : `;type=${type}`}`);
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
