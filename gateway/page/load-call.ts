import { request } from 'undici';

/** What every call of a run sends. */
export interface LoadCall {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** Sends one call. Whether it was answered with a status below 400. Never rejects. */
export async function succeeds(url: URL, call: LoadCall, signal: AbortSignal): Promise<boolean> {
  try {
    const { statusCode, body } = await request(url, { ...call, signal });
    await body.dump();
    return statusCode < 400;
  } catch {
    return false;
  }
}
