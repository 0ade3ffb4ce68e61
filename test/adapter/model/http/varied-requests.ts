import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Header, WholeRequest } from '../../../../adapter/http/message.ts';
import { boundary, multipart, png, wav } from '../../../contract/bodies.ts';

/** One request, as sent to the server both directly and through the adapter. */
export type VariedRequest = Pick<WholeRequest, 'method' | 'path' | 'query' | 'headers' | 'body'>;

/** 200 requests for all kinds of replies of a MAX server: predictions, pages, files and each kind of error. */
export function variedRequests(samples: string): VariedRequest[] {
  return [...drawings(), ...photographs(samples), ...refusals(), ...pages()];
}

const formType: Header = ['Content-Type', `multipart/form-data; boundary=${boundary}`];

function request(method: string, target: string, headers: Header[] = [], body = Buffer.alloc(0)): VariedRequest {
  const [path = '', query = ''] = target.split('?');
  return { method, path, query, headers, body };
}

function get(target: string, headers: Header[] = []): VariedRequest {
  return request('GET', target, headers);
}

function post(headers: Header[], body: string | Uint8Array, target = '/model/predict'): VariedRequest {
  return request('POST', target, headers, Buffer.from(body as string));
}

function predict(parts: (string | Uint8Array)[][], query = '', headers = [formType]): VariedRequest {
  const lines = parts.flatMap(([head = '', content = '']) => [
    `--${boundary}\r\n${String(head)}\r\n\r\n`,
    content,
    '\r\n',
  ]);
  const body = Buffer.concat([...lines, `--${boundary}--\r\n`].map((part) => Buffer.from(part as string)));
  return request('POST', `/model/predict?${query}`, headers, body);
}

function imagePart(filename: string, contentType: string, content: Uint8Array): (string | Uint8Array)[] {
  const disposition = `Content-Disposition: form-data; name="image"; filename="${filename}"`;
  return [`${disposition}\r\nContent-Type: ${contentType}`, content];
}

function field(name: string, value: string): string[] {
  return [`Content-Disposition: form-data; name="${name}"`, value];
}

/** Invented digits of many sizes, with all forms of the threshold. */
function drawings(): VariedRequest[] {
  const thresholds = ['', 'threshold=0.2', 'threshold=1e-3&threshold=0.9', 'threshold=%30.5', 'other=x%00y'];
  return Array.from({ length: 120 }, (_, index) => {
    const image = imagePart(`dessin ${index} é.pgm`, index % 3 === 0 ? 'image/x-portable-graymap' : '', draw(index));
    const extra = index % 4 === 0 ? [field('threshold', '0.4'), field('unknown', 'x'.repeat(index))] : [];
    return predict([...extra, image], thresholds[index % thresholds.length]);
  });
}

/** A few strokes in a PGM image, determined by the seed. */
function draw(seed: number): Buffer {
  const side = 20 + ((seed * 7) % 90);
  const pixels = Buffer.alloc(side * side, seed % 2 === 0 ? 255 : 0);
  let state = seed + 1;
  let [x, y] = [side / 2, side / 4];
  for (let step = 0; step < side * 2; step += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    x = Math.min(side - 3, Math.max(2, x + Math.cos(state / 1e8) * 2));
    y = Math.min(side - 3, Math.max(2, y + Math.sin(state / 1e8) * 2 + 0.3));
    pixels.fill(
      seed % 2 === 0 ? 20 : 235,
      Math.floor(y) * side + Math.floor(x),
      Math.floor(y) * side + Math.floor(x) + 3,
    );
  }
  return Buffer.concat([Buffer.from(`P5 ${side} ${side} 255\n`), pixels]);
}

function photographs(samples: string): VariedRequest[] {
  const files = readdirSync(samples).filter((name) => /\.(png|jpg|gif|bmp)$/.test(name));
  const chosen = Array.from({ length: 33 }, (_, index) => files[index % files.length] ?? '');
  return chosen.map((name, index) => {
    const type = ['image/png', 'application/octet-stream', 'image/jpeg; q="a;b"'][index % 3] ?? '';
    return predict([imagePart(name, type, readFileSync(join(samples, name)))], index % 2 === 0 ? '' : 'threshold=0.1');
  });
}

function refusals(): VariedRequest[] {
  const json: Header = ['Content-Type', 'application/json'];
  return [
    post([formType], multipart),
    post([formType], ''),
    post([formType], multipart.subarray(0, 60)),
    post([['Content-Type', 'multipart/form-data']], multipart),
    post([], ''),
    post([], png),
    post([['Content-Type', 'image/png']], png),
    post([['Content-Type', 'audio/wav']], wav),
    post([json], '{"image":"aGVsbG8="}'),
    post([json], '{broken'),
    post([json], ''),
    post([['Content-Type', 'application/x-www-form-urlencoded']], 'image=x&threshold=1'),
    post([formType], multipart, '/model/nothing'),
    post([formType], multipart, '/'),
    predict([field('image', 'not a file')]),
    predict([imagePart('', 'image/png', png)]),
    predict([imagePart('a.png', 'image/png', Buffer.alloc(0))]),
    predict([imagePart('a.wav', 'audio/wav', wav)]),
    predict([imagePart('a.png', 'image/png', png)], 'threshold=high'),
    predict([imagePart('a.pgm', 'image/png', draw(2))], 'threshold=high'),
    ...['PUT', 'PATCH', 'DELETE'].map((method) => request(method, '/model/predict', [formType], multipart)),
  ];
}

function pages(): VariedRequest[] {
  return [
    get('/'),
    get('/?a=1&a=2'),
    get('/swagger.json'),
    get('/model/metadata'),
    get('/model/metadata', [['X-Fields', 'id,name']]),
    get('/model/metadata', [['X-Fields', '{broken']]),
    get('/model/metadata', [['Accept', 'image/png']]),
    get('/model/labels'),
    get('/model/labels', [['X-Fields', 'labels{name}']]),
    get('/model/labels?q=%C3%A9'),
    get('/model/predict'),
    get('/model/metadata/'),
    get('/model//labels'),
    get('/model/lab%65ls'),
    get('/nothing%20here'),
    get('/swaggerui/swagger-ui.css'),
    get('/swaggerui/swagger-ui.css', [['Range', 'bytes=0-99']]),
    get('/swaggerui/favicon-32x32.png'),
    get('/swaggerui/swagger-ui-bundle.js'),
    get('/swaggerui/swagger-ui.css', [['If-Modified-Since', 'Sat, 01 Jan 2050 00:00:00 GMT']]),
    ...['/', '/model/labels', '/swagger.json', '/nothing'].map((path) => request('HEAD', path)),
  ];
}
