import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emulatorConnectionString } from '../../../azure/signalr/connection-string.ts';
import { findRow } from '../../../image/catalogue/catalogue.ts';
import { wrapConfig } from '../../../image/engines/wrap-config.ts';
import { rows } from '../../image/rows.ts';
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
  test('has the command and the working directory of the digits image', () => {
    const dockerfile = readFileSync(join(app, '../../digits/Dockerfile'), 'utf8');
    const base = { name: 'me/digits-server', digest: undefined };
    const config = { Env: ['NODE_VERSION=24.18.0'], WorkingDir: /^WORKDIR (.*)$/gm.exec(dockerfile)?.[1] ?? '' };
    const { Entrypoint, WorkingDir } = wrapConfig({ ...base, config }, findRow(rows, 'digits'));
    const { description } = (read('host.json') as { customHandler: { description: Record<string, unknown> } })
      .customHandler;
    expect([description['defaultExecutablePath'], description['arguments']].flat()).toEqual(Entrypoint);
    expect(description['workingDirectory']).toBe(WorkingDir);
  });

  test('overrides all of that in its example of local settings, which run without the image', () => {
    const { description } = (read('host.json') as { customHandler: { description: { arguments: string[] } } })
      .customHandler;
    const { Values: values } = read('local.settings.example.json') as { Values: Record<string, string> };
    const prefix = 'AzureFunctionsJobHost__customHandler__description__';
    const replaced = Object.keys(values).flatMap((name) =>
      name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
    );
    const positions = description.arguments.map((_argument, index) => `arguments__${index}`);
    expect(replaced.toSorted()).toEqual([...positions, 'defaultExecutablePath', 'workingDirectory']);
  });

  test('forwards requests under the prefix that the adapter expects', () => {
    expect(read('host.json')).toMatchObject({
      customHandler: { enableForwardingHttpRequest: true },
      extensions: { http: { routePrefix: settings.routePrefix } },
    });
  });

  test.each([
    ['http', settings.httpOutput, 2],
    ['signalR', settings.signalROutput, 1],
  ])('names its %s outputs as the adapter does by default', (type, name, count) => {
    expect(bindings(type).map((each) => each.name)).toEqual(Array.from({ length: count }, () => name));
  });

  test('negotiates for the hub that it sends to', () => {
    const hubs = [...bindings('signalRConnectionInfo'), ...bindings('signalR')].map(({ hubName }) => hubName);
    expect(new Set(hubs).size).toBe(1);
  });

  test('holds public keys of emulators in its example of local settings, and no secret', () => {
    const { Values: values } = read('local.settings.example.json') as { Values: Record<string, string> };
    expect(values).toMatchObject({
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      AzureSignalRConnectionString: emulatorConnectionString,
    });
  });
});
