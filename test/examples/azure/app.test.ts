import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAzureSettings } from '../../../adapter/platforms/azure/settings.ts';

const app = join(import.meta.dirname, '../../../examples/azure/app');
const functions = readdirSync(app).filter((name) => existsSync(join(app, name, 'function.json')));
const settings = readAzureSettings({});

interface Binding {
  readonly type: string;
  readonly name: string;
  readonly hubName?: string;
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(join(app, path), 'utf8'));
}

function bindings(type: string): Binding[] {
  const all = functions.flatMap((name) => (read(join(name, 'function.json')) as { bindings: Binding[] }).bindings);
  return all.filter((each) => each.type === type);
}

describe('the function app of examples/azure', () => {
  it('forwards requests under the prefix that the adapter expects', () => {
    expect(read('host.json')).toMatchObject({
      customHandler: { enableForwardingHttpRequest: true },
      extensions: { http: { routePrefix: settings.routePrefix } },
    });
  });

  it.each([
    ['http', settings.httpOutput, 2],
    ['signalR', settings.signalROutput, 1],
  ])('names its %s outputs as the adapter does by default', (type, name, count) => {
    expect(bindings(type).map((each) => each.name)).toEqual(Array.from({ length: count }, () => name));
  });

  it('negotiates for the hub that it sends to', () => {
    const hubs = [...bindings('signalRConnectionInfo'), ...bindings('signalR')].map(({ hubName }) => hubName);
    expect(new Set(hubs).size).toBe(1);
  });

  it('holds no secret in its example of local settings', () => {
    const { Values: values } = read('local.settings.example.json') as { Values: Record<string, string> };
    expect(values).toMatchObject({
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      AzureSignalRConnectionString: expect.stringContaining('AccessKey=…;') as string,
    });
  });
});
