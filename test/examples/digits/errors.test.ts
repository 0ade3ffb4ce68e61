import { crc32, deflateSync } from 'node:zlib';
import supertest, { type Test } from 'supertest';
import { describe, expect, test } from 'vitest';
import { app } from '../../../examples/digits/src/app.ts';
import { fixture, sample, sharp } from './helpers.ts';

const predict = (file: Buffer): Test =>
  supertest(app).post('/model/predict').attach('image', file, { filename: 'digit', contentType: 'image/png' });

function changed(file: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(file);
  change(copy);
  return copy;
}

/** A PNG with this size in its header. Its data is the deflated `filler`. */
function pngClaiming(width: number, height: number, filler = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(filler)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** Where the first image descriptor of a GIF starts: 0x2c, at the left and top edge. */
function frameOf(gif: Buffer): number {
  return gif.indexOf(Buffer.from([0x2c, 0, 0, 0, 0]));
}

function field(width: number, height: number, background: string): ReturnType<typeof sharp> {
  return sharp({ create: { width, height, channels: 4, background } });
}

function avif(): Promise<Buffer> {
  return sharp(sample('7.png')).avif().toBuffer();
}

function webp(): Promise<Buffer> {
  return sharp(sample('7.png')).webp().toBuffer();
}

describe('an image that cannot be read is refused with a message', () => {
  test.each<[kind: string, status: number, message: RegExp, file: () => Buffer | Promise<Buffer>]>([
    ['text', 400, /not a PNG, JPEG, WebP, AVIF, BMP or GIF/, () => Buffer.from('seven')],
    ['an empty file', 400, /not a PNG, JPEG, WebP, AVIF, BMP or GIF/, () => Buffer.alloc(0)],
    ['SVG', 400, /not a PNG/, () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['TIFF', 400, /not a PNG/, () => sharp(sample('7.png')).tiff().toBuffer()],
    [
      'HEIC, as iPhones write it',
      400,
      /is a HEIC file; expected PNG, .* Export it as JPEG/,
      () => Buffer.from('\0\0\0\x20ftypheic\0\0\0\0mif1heic', 'latin1'),
    ],
    ['an AVIF without its pixels', 400, /cannot be decoded/, async () => (await avif()).subarray(0, 200)],
    ['half a WebP', 400, /cannot be decoded/, async () => (await webp()).subarray(0, 300)],
    ['half a PNG', 400, /cannot be decoded/, () => sample('7.png').subarray(0, 700)],
    ['a PNG signature alone', 400, /cannot be decoded/, () => sample('7.png').subarray(0, 8)],
    ['half a JPEG', 400, /cannot be decoded/, () => sample('4.jpg').subarray(0, 900)],
    ['half a GIF', 400, /cannot be decoded/, () => sample('6.gif').subarray(0, 30)],
    ['half a BMP', 400, /cannot be decoded: BMP file ends/, () => sample('5.bmp').subarray(0, 900)],
    ['half a run-length BMP', 400, /cannot be decoded/, () => fixture('7-run-length.bmp').subarray(0, 1100)],
    ['a BMP header cut short', 400, /cannot be decoded/, () => sample('5.bmp').subarray(0, 20)],
    ['a BMP of no width', 400, /BMP of 0 x 64/, () => changed(sample('5.bmp'), (copy) => copy.writeInt32LE(0, 18))],
    [
      'a BMP of unknown compression',
      400,
      /compression 4/,
      () => changed(sample('5.bmp'), (copy) => copy.writeUInt32LE(4, 30)),
    ],
    ['blank paper', 400, /shows no digit/, () => field(50, 50, 'white').png().toBuffer()],
    ['full transparency', 400, /shows no digit/, () => field(50, 50, '#12345600').png().toBuffer()],
    ['one pixel', 400, /shows no digit/, () => field(1, 1, 'red').png().toBuffer()],
    [
      'a PNG claiming 50 megapixels and a line more',
      413,
      /5001 x 10000 pixels; at most 50 megapixels are read. Send a smaller one/,
      () => pngClaiming(5001, 10_000),
    ],
    [
      'a PNG claiming 2,000,000,000 pixels a side',
      400,
      /cannot be decoded/,
      () => pngClaiming(2_000_000_000, 2_000_000_000),
    ],
    [
      'a PNG claiming 65,535 pixels a side',
      413,
      /at most 50 megapixels/,
      () => pngClaiming(65_535, 65_535, Buffer.alloc(1_000_000)),
    ],
    ['a PNG without the pixels it claims', 400, /cannot be decoded/, () => pngClaiming(4096, 4096, Buffer.alloc(1000))],
    [
      'a GIF claiming a frame of 65,535 pixels a side',
      413,
      /65535 x 65535/,
      () => changed(sample('6.gif'), (copy) => copy.fill(0xff, frameOf(copy) + 5, frameOf(copy) + 9)),
    ],
    [
      'a BMP claiming 100,000 pixels a side',
      413,
      /at most 50 megapixels/,
      () => changed(sample('5.bmp'), (copy) => copy.writeInt32LE(100_000, copy.writeInt32LE(100_000, 18))),
    ],
    ['a file past 16 MB', 413, /too large/i, () => Buffer.alloc(16 * 1024 * 1024 + 1)],
  ])('%s: %i', async (_kind, status, message, file) => {
    const response = await predict(await file());
    expect(response.status).toBe(status);
    expect(response.headers['content-type']).toBe('application/json');
    expect(Object.keys(response.body)).toEqual(['message']);
    expect(response.body.message).toMatch(message);
    expect(response.text).not.toMatch(/node_modules|\.ts\b|\\n/);
  });
});

describe.each(['/model/predict', '/model/explain'])('POST %s without an image', (path) => {
  test.each<[kind: string, send: (request: Test) => Test]>([
    ['no body', (request) => request],
    ['a part of another name', (request) => request.attach('file', sample('7.png'), '7.png')],
    ['a part without a file name', (request) => request.field('image', 'seven')],
    ['raw image bytes', (request) => request.type('image/png').send(sample('7.png'))],
    ['JSON', (request) => request.send({ image: sample('7.png').toString('base64') })],
  ])('%s gets an error that names the missing part', async (_kind, send) => {
    const response = await send(supertest(app).post(path));
    expect(response.status).toBe(400);
    expect(response.body).toEqual({
      errors: {
        image:
          'An image of one handwritten digit: PNG, JPEG, WebP, AVIF, BMP or GIF Missing required parameter in an uploaded file',
      },
      message: 'Input payload validation failed',
    });
  });

  const part = '--x\r\ncontent-disposition: form-data; name="image"; filename="a.png"\r\n\r\n';
  test.each<[kind: string, type: string, body: string]>([
    ['no boundary', 'multipart/form-data', part],
    ['no end', 'multipart/form-data; boundary=x', `${part}abc`],
    ['another boundary', 'multipart/form-data; boundary=y', `${part}abc\r\n--x--\r\n`],
    ['a broken part header', 'multipart/form-data; boundary=x', '--x\r\nno header\r\n\r\nabc\r\n--x--\r\n'],
    ['nothing', 'multipart/form-data; boundary=x', ''],
  ])('a multipart body with %s is a 400', async (_kind, type, body) => {
    const response = await supertest(app).post(path).type(type).send(body);
    expect(response.status).toBe(400);
    expect(response.body.message).toEqual(expect.any(String));
  });
});

describe('a method or path that does not exist', () => {
  test.each([
    ['GET', '/model/predict', 'POST, OPTIONS'],
    ['PUT', '/model/predict', 'POST, OPTIONS'],
    ['DELETE', '/model/explain', 'POST, OPTIONS'],
    ['GET', '/ai', 'POST, OPTIONS'],
    ['POST', '/model/labels', 'GET, HEAD, OPTIONS'],
    ['POST', '/model/metadata', 'GET, HEAD, OPTIONS'],
    ['PATCH', '/swagger.json', 'GET, HEAD, OPTIONS'],
    ['POST', '/', 'GET, HEAD, OPTIONS'],
  ])('%s %s is a 405 that allows %s', async (method, path, allow) => {
    const response = await supertest(app)[method.toLowerCase() as 'get'](path);
    expect(response.status).toBe(405);
    expect(response.headers['allow']).toBe(allow);
    expect(response.body).toEqual({ message: `${method} is not allowed here` });
    const options = await supertest(app).options(path);
    expect([options.status, options.headers['allow']]).toEqual([200, allow]);
  });

  test.each(['/nothing', '/model', '/swaggerui/../package.json', '/%00', '/swaggerui/x.js'])(
    'GET %s is a 404 in JSON',
    async (path) => {
      const response = await supertest(app).get(path);
      expect(response.status).toBe(404);
      expect(response.headers['content-type']).toBe('application/json');
      expect(response.body.message).toMatch(/^There is nothing at /);
    },
  );

  test('a path that is not well-formed is a 4xx in JSON', async () => {
    const response = await supertest(app).get('/%zz');
    expect([400, 404]).toContain(response.status);
    expect(Object.keys(response.body)).toEqual(['message']);
  });
});
