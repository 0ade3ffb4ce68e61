import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import express from 'express';
import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { app } from '../../../examples/digits/src/app.ts';
import { example } from './helpers.ts';

describe('the server’s description of itself', () => {
  test('GET /model/labels: ids and names', async () => {
    const { body, headers } = await supertest(app).get('/model/labels').expect(200);
    expect(headers['content-type']).toBe('application/json');
    expect(body.count).toBe(10);
    expect(body.labels).toHaveLength(10);
    expect(body.labels[7]).toEqual({ id: '7', name: 'seven' });
  });

  test('GET /model/metadata: the six members of MAX servers', async () => {
    const { body, headers } = await supertest(app).get('/model/metadata').expect(200);
    expect(headers['content-type']).toBe('application/json');
    expect(Object.keys(body)).toEqual(['id', 'name', 'description', 'type', 'source', 'license']);
  });

  test('GET /swagger.json: Swagger 2.0, with a file part and a binary reply', async () => {
    const { body, headers } = await supertest(app).get('/swagger.json').expect(200);
    expect(headers['content-type']).toBe('application/json');
    expect(body.swagger).toBe('2.0');
    const { post } = body.paths['/model/predict'];
    expect(post.consumes).toEqual(['multipart/form-data']);
    expect(post.parameters).toMatchObject([{ name: 'image', in: 'formData', type: 'file', required: true }]);
    expect(body.paths['/model/explain'].post.produces).toEqual(['image/png']);
  });

  test('every operation of swagger.json is one that the server has, and every definition exists', async () => {
    const { body, text } = await supertest(app).get('/swagger.json');
    for (const [path, operations] of Object.entries<object>(body.paths)) {
      const { headers } = await supertest(app).options(path);
      for (const method of Object.keys(operations)) {
        expect(headers['allow']).toContain(method.toUpperCase());
      }
    }
    for (const [, name = ''] of text.matchAll(/#\/definitions\/(\w+)/g)) {
      expect(body.definitions).toHaveProperty(name);
    }
  });

  test.each(['/', '/model/labels', '/swagger.json'])('HEAD %s answers the headers of GET', async (path) => {
    const head = await supertest(app).head(path).expect(200);
    const get = await supertest(app).get(path);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect(head.text).toBeFalsy();
  });
});

describe.each(['', '/api/v1/web/guest/default/digits'])('Swagger UI below "%s/"', (prefix) => {
  const mounted = express().use(prefix === '' ? '/' : prefix, app);
  const get = (address: string): supertest.Test =>
    supertest(mounted).get(new URL(address, `http://server${prefix}/`).pathname);

  test('every address in the page is relative and answered, in less than 1 MiB as JSON text', async () => {
    const { text, headers } = await get('').expect(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const addresses = [...text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, address = '']) => address);
    expect(addresses).toEqual(['swaggerui/swagger-ui.css', 'swaggerui/favicon-32x32.png']);
    for (const address of [...addresses, 'swagger.json']) {
      const { text: body } = await get(address).expect(200);
      expect(JSON.stringify(body ?? '').length).toBeLessThan(1_000_000);
    }
  });

  test("the script's parts, put together as the page does, are swagger-ui-dist's file", async () => {
    const { text: html } = await get('');
    const count = Number(/length: (\d+) \}/.exec(html)?.[1]);
    const parts = await Promise.all(
      Array.from({ length: count }, (_, index) => get(`swaggerui/part-${index}.js`).buffer(true).parse(readText)),
    );
    for (const { body, headers } of parts) {
      expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
      expect(JSON.stringify(body).length).toBeLessThan(1_000_000);
    }
    const bundle = join(example, 'node_modules', 'swagger-ui-dist', 'swagger-ui-bundle.js');
    expect(parts.map(({ body }) => body).join('') === readFileSync(bundle, 'utf8')).toBe(true);
  });
});

/** superagent's own parser returns scripts as bytes. */
function readText(response: supertest.Response, done: (error: Error | null, text: string) => void): void {
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => (text += chunk));
  response.on('end', () => done(null, text));
}
