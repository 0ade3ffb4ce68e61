import { ConfigurationError } from '../../core/errors.ts';

/**
 * The public connection string of Microsoft's emulator of the SignalR service (learn.microsoft.com:
 * azure-signalr/signalr-howto-emulator).
 */
export const emulatorConnectionString =
  'Endpoint=http://localhost;Port=8888;AccessKey=ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH;Version=1.0;';

/** Where a SignalR service is, and the key that signs its tokens. */
export interface SignalRAccount {
  /** Without a path: "http://localhost:8888". */
  readonly endpoint: string;
  readonly key: string;
}

/**
 * Reads a connection string (learn.microsoft.com: azure-signalr/concept-connection-string).
 *
 * @param setting where it comes from, for the message
 * @throws ConfigurationError without the key
 */
export function parseConnectionString(text: string, setting: string): SignalRAccount {
  const values = new Map(
    text.split(';').flatMap((part) => {
      const [, name, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(part) ?? [];
      return name === undefined ? [] : [[name.toLowerCase(), value ?? ''] as const];
    }),
  );
  const address = values.get('endpoint') ?? '';
  const key = values.get('accesskey') ?? '';
  const port = values.get('port') ?? '';
  if (key === '' || !/^https?:/i.test(address) || !URL.canParse(address) || !/^\d{0,5}$/.test(port)) {
    const shown = text.replace(/(AccessKey\s*=)[^;]*/i, '$1…');
    throw new ConfigurationError(setting, shown, 'Endpoint=URL;AccessKey=KEY;Version=1.0; perhaps with Port=PORT');
  }
  const url = new URL(address);
  if (port !== '') url.port = port;
  return { endpoint: url.origin, key };
}

/** Whether the service is on this machine, so that a stand-in can listen at its address. */
export function isLocal({ endpoint }: SignalRAccount): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(endpoint).hostname);
}
