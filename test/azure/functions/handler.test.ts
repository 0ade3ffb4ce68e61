import { describe, expect, test } from 'vitest';
import { Handler, type HandlerOptions } from '../../../azure/functions/handler.ts';

const environment = { PATH: process.env['PATH'] ?? '' };

/** A handler that runs a script with Node.js. */
function optionsFor(script: string, onLine: (line: string) => void = () => undefined): HandlerOptions {
  const handler = { executable: process.execPath, arguments: ['-e', script], folder: import.meta.dirname };
  return { handler, settings: { NAME: 'set' }, environment, onLine, signal: new AbortController().signal };
}

/** Answers with its settings. Ends at /end. */
const server = `require('http').createServer((request, response) => {
  if (request.url === '/end') process.exit(7);
  console.log('called', request.url);
  response.end(JSON.stringify({ name: process.env.NAME, id: request.headers['x-azure-functions-invocationid'] }));
}).listen(process.env.FUNCTIONS_CUSTOMHANDLER_PORT, '127.0.0.1');`;

describe('the custom handler', () => {
  test('gets its port and the settings, and is called with the id of an invocation', async () => {
    const lines: string[] = [];
    const handler = await Handler.start(optionsFor(server, (line) => lines.push(line)));
    try {
      const { status, json } = await handler.invoke('classify', {}, {});
      expect([status, json['name']]).toEqual([200, 'set']);
      expect(json['id']).toMatch(/^[\da-f-]{36}$/);
      await expect.poll(() => lines).toContain('called /classify');
    } finally {
      await handler.stop();
    }
  });

  test('is started again when it ends, and the next call waits for it', async () => {
    const lines: string[] = [];
    const handler = await Handler.start(optionsFor(server, (line) => lines.push(line)));
    try {
      await expect(handler.invoke('end', {}, {})).rejects.toThrow(/other side closed|ECONNRESET/);
      await expect
        .poll(() => lines.join('\n'))
        .toMatch(/the custom handler has ended \(.*exit code 7.*\); it is started/s);
      expect((await handler.invoke('classify', {}, {})).status).toBe(200);
    } finally {
      await handler.stop();
    }
  });

  test('is not started again when the user has interrupted', async () => {
    const lines: string[] = [];
    const interruption = new AbortController();
    const options = optionsFor(server, (line) => lines.push(line));
    const handler = await Handler.start({ ...options, signal: interruption.signal });
    interruption.abort();
    await expect(handler.invoke('end', {}, {})).rejects.toThrow(/other side closed|ECONNRESET/);
    await handler.stop();
    expect(lines).toEqual(['called /']);
  });

  test('that does not answer is stopped when the user interrupts', async () => {
    const interruption = new AbortController();
    const lines: string[] = [];
    const script = 'console.log(process.pid); setInterval(() => undefined, 1000)';
    const options = optionsFor(script, (line) => {
      lines.push(line);
      interruption.abort();
    });
    await expect(Handler.start({ ...options, signal: interruption.signal })).rejects.toThrow(/abort/);
    expect(() => process.kill(Number(lines[0]), 0)).toThrow('ESRCH');
  });

  test.each([
    ['ends at once', optionsFor('process.exit(3)'), /has ended: .*exit code 3/],
    [
      'does not exist',
      { ...optionsFor(''), handler: { executable: 'no-such-program', arguments: [], folder: '.' } },
      /ENOENT/,
    ],
  ])('that %s is an error', async (_what, options, message) => {
    await expect(Handler.start(options)).rejects.toMatchObject({
      code: 'AZURE_HANDLER',
      message: expect.stringMatching(message) as string,
    });
  });
});
