import { describe, expect, test } from 'vitest';
import type { Header } from '../../../adapter/http/message.ts';
import { appAddress } from '../../../adapter/platforms/azure/request.ts';
import { serviceAddress } from '../../../adapter/platforms/http/service-address.ts';
import { readEvent } from '../../../adapter/platforms/lambda/event.ts';
import { httpRequest } from '../../../adapter/platforms/lambda/request.ts';
import { actionAddress } from '../../../adapter/platforms/openwhisk/action-address.ts';
import { readEvent as readScfEvent } from '../../../adapter/platforms/scf/event.ts';
import { httpRequest as scfRequest } from '../../../adapter/platforms/scf/request.ts';
import { modelRow } from '../../../core/row.ts';
import { requestOf } from '../../contract/suite.ts';

const row = modelRow.parse({
  name: 'm', title: 'M', image: 'm', server: { kind: 'http', port: 5000 }, predict: { input: { kind: 'json' } },
}); // prettier-ignore
const limits = { signal: new AbortController().signal, deadline: 0 };
const https = (host: string, prefix = '') => ({ protocol: 'https', host, prefix });

describe('the outer address on OpenWhisk', () => {
  const value = { __ow_headers: { host: 'ow.example', 'x-forwarded-host': 'evil.example' } };
  test.each([
    ['/guest/digits', '', https('ow.example', '/api/v1/web/guest/default/digits')],
    ['/guest/pack/digits', '', https('ow.example', '/api/v1/web/guest/pack/digits')],
    ['/me@example.com_dev/a b', '', https('ow.example', '/api/v1/web/me%40example.com_dev/default/a%20b')],
    [
      '/guest/digits',
      'http://10.0.0.1:3233',
      { ...https('ow.example', '/api/v1/web/guest/default/digits'), protocol: 'http' },
    ],
    [undefined, 'https://ow.example', undefined],
  ])('of action %s, under the API host %j', (name, apiHost, expected) => {
    const context: Record<string, string> = name === undefined ? {} : { action_name: name };
    expect(actionAddress({ value, context, deadline: 0 }, { __OW_API_HOST: apiHost })).toEqual(expected);
  });

  test.each([
    ['127.0.0.1:3233', 'http'],
    ['localhost', 'http'],
    ['[::1]:3233', 'http'],
    ['ow.example:3233', 'https'],
  ])('is called as %s by %s, if the API host has no protocol', (host, protocol) => {
    const activation = { value: { __ow_headers: { host } }, context: { action_name: '/guest/a' }, deadline: 0 };
    expect(actionAddress(activation, {})?.protocol).toBe(protocol);
  });

  test('is that of the API host by default', () => {
    const activation = { value: {}, context: { action_name: '/guest/a' }, deadline: 0 };
    expect(actionAddress(activation, { __OW_API_HOST: 'https://ow.example' })?.host).toBe('ow.example');
  });
});

describe('the outer address on Lambda', () => {
  const headers = { Host: 'lb.example', 'X-Forwarded-Proto': 'http', 'X-Forwarded-Host': 'evil.example' };
  const rest = (path: string, full: string, domainName = 'id.execute-api.eu-west-1.amazonaws.com') => ({
    resource: '/{proxy+}', httpMethod: 'GET', path, headers, requestContext: { stage: 'prod', path: full, domainName },
  }); // prettier-ignore
  const v2 = (rawPath: string, stage: string) => ({
    version: '2.0', rawPath, rawQueryString: '', headers, requestContext: { http: { method: 'GET' }, stage, domainName: 'id.example' },
  }); // prettier-ignore
  const elb = { requestContext: { elb: {} }, httpMethod: 'GET', headers };
  test.each<[string, object, string, object]>([
    ['a REST API', rest('/docs', '/prod/docs'), '', https('id.execute-api.eu-west-1.amazonaws.com', '/prod')],
    ['a REST API, at its root', rest('/', '/prod/'), '', https('id.execute-api.eu-west-1.amazonaws.com', '/prod')],
    ['a custom domain', rest('/ai/docs', '/ai/docs', 'ai.example'), '/ai', https('ai.example', '/ai')],
    ['an HTTP API', v2('/prod/docs', 'prod'), '', https('id.example', '/prod')],
    ['a function URL', v2('/docs', '$default'), '', https('id.example')],
    ['a load balancer', { ...elb, path: '/docs' }, '', { ...https('lb.example'), protocol: 'http' }],
    [
      'a load balancer with a path of its own',
      { ...elb, path: '/ai/docs' },
      '/ai',
      { ...https('lb.example', '/ai'), protocol: 'http' },
    ],
    ['VPC Lattice', { method: 'GET', raw_path: '/docs?a', headers }, '', https('lb.example')],
  ])('behind %s', (_service, given, basePath, expected) => {
    const event = readEvent(Buffer.from(JSON.stringify(given)));
    if (!('event' in event)) throw new Error(event.kind);
    expect(httpRequest(event, [], row, limits, basePath).outer).toEqual(expected);
  });
});

describe('the outer address on SCF', () => {
  const at = (host: string, path: string, requestContext?: object) => ({
    httpMethod: 'GET',
    path,
    headers: { Host: host },
    requestContext,
  });
  test.each<[string, object, object]>([
    ['a function URL', at('id.tencentscf.com', '/docs'), https('id.tencentscf.com')],
    [
      'API Gateway',
      at('service-1.gz.apigw.tencentcs.com', '/ai/docs', { path: '/ai', stage: 'release' }),
      https('service-1.gz.apigw.tencentcs.com', '/release/ai'),
    ],
    ['a custom domain', at('ai.example', '/ai/docs', { path: '/ai', stage: 'release' }), https('ai.example', '/ai')],
  ])('behind %s', (_trigger, given, expected) => {
    const event = readScfEvent(Buffer.from(JSON.stringify(given)));
    if (event.kind === 'inputs' || event.kind === 'direct') throw new Error(event.kind);
    expect(scfRequest(event, [], row, limits).outer).toEqual(expected);
  });
});

describe('the outer address on Azure', () => {
  test.each<[string, string, Header[], object]>([
    ['/api/docs', 'api', [], { ...https('app.example', '/api'), protocol: 'http' }],
    ['/API/docs', 'api', [['X-Forwarded-Proto', 'https']], https('app.example', '/API')],
    ['/api', 'api', [['X-Forwarded-Proto', 'https']], https('app.example', '/api')],
    ['/api/', 'api', [['X-Forwarded-Proto', 'https']], https('app.example', '/api')],
    ['/docs', '', [['X-Forwarded-Proto', 'https']], https('app.example')],
    ['/', '', [['X-Forwarded-Proto', 'https']], https('app.example')],
  ])('of %s under the prefix %j', (path, prefix, headers, expected) => {
    expect(appAddress(headers, 'http', 'app.example', path, prefix)).toEqual(expected);
  });
});

describe('the outer address on plain HTTP', () => {
  const headers: Header[] = [
    ['Host', 'svc.example:8080'],
    ['X-Forwarded-Proto', 'https, http'],
    ['X-Forwarded-Host', 'outer.example'],
    ['X-Forwarded-Prefix', '/ai/'],
  ];
  test.each<[string, Header[], Record<string, string>, object | undefined]>([
    ['as the operator’s front end says', headers, {}, https('outer.example', '/ai')],
    ['as called, without a front end', headers.slice(0, 1), {}, { ...https('svc.example:8080'), protocol: 'http' }],
    ['not as the caller says, on Knative and Cloud Run', headers, { K_SERVICE: 's' }, https('svc.example:8080')],
    ['unknown without a Host', [], {}, undefined],
  ])('is %s', (_title, given, environment, expected) => {
    expect(serviceAddress(requestOf({ headers: given }), environment)).toEqual(expected);
  });
});
