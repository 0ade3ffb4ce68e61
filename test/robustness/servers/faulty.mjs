// A model server that misbehaves as the path says or, at its start, as START says. An Express row can load it; as a
// program it listens on PORT. Plain JavaScript, because that starts in a few dozen milliseconds.
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const waiting = [];
const isProgram = process.argv[1] === import.meta.filename;

/** The init program is between this program and the adapter. */
function parentOf(pid) {
  return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

const faults = {
  '/ok': (response) => response.end('ok'),
  '/pid': (response) => response.end(String(process.pid)),
  '/parent': (response) => response.end(String(process.ppid)),
  '/kill-adapter': () => process.kill(isProgram ? parentOf(process.ppid) : process.pid, 'SIGKILL'),
  '/slow': (response) => setTimeout(() => response.end('late'), 300),
  '/wait': (response) => waiting.push(response),
  '/waiting': (response) => response.end(String(waiting.length)),
  '/hang': () => undefined,
  '/exit': () => {
    console.log('CUDA error: out of memory');
    process.exit(3);
  },
  '/exit-mid-reply': (response) => {
    response.writeHead(200, { 'content-length': 100 }).write('half', () => process.exit(3));
  },
  '/hang-up': (response) => response.socket.destroy(),
  '/throw': () =>
    setImmediate(() => {
      throw new Error('thrown outside of any handler');
    }),
  '/not-http': raw('SSH-2.0-OpenSSH_9.2\r\n'),
  '/bad-header': raw('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nbad header\r\n\r\nok'),
  '/length-too-long': raw('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort', true),
  '/length-too-long-and-open': raw('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort'),
  '/length-too-short': raw(
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged',
  ),
  '/late-forgery': (response) => {
    const { socket } = response;
    response.writeHead(200, { 'content-length': 2 }).end('ok');
    setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged'), 50);
  },
  '/two-lengths': raw('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\nokay'),
  '/half-a-chunk': raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nshort', true),
  '/status-999': (response) => response.writeHead(999).end(),
  '/status-101': raw('HTTP/1.1 101 Ok\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
  '/100-MB': (response) => pour(response, 100 * 1024 * 1024),
  '/endless': (response) => pour(response, Infinity),
  '/trickle': (response) => {
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  },
  '/1-MB': (response) => response.end('a'.repeat(1024 * 1024)),
  '/unknown-encoding': (response) => response.writeHead(200, { 'content-encoding': 'zip' }).end('x'),
  '/damaged-gzip': (response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('text').subarray(0, 12)),
  '/gzip-bomb': (response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(64 * 1024 * 1024))),
  '/flood': (response) => {
    for (let line = 0; line < 20_000; line += 1) console.log(`line ${line} ${'.'.repeat(80)}`);
    console.log('x'.repeat(1_000_000));
    response.end('flooded');
  },
  '/leak': (response) => {
    try {
      for (let count = 0; count < 20; count += 1) openSync(import.meta.filename);
      response.end('leaked');
    } catch (error) {
      response.writeHead(500).end(error.code);
    }
  },
  '/write': (response) => {
    try {
      writeFileSync(join(tmpdir(), `upload-${process.pid}`), Buffer.alloc(512 * 1024));
      response.end('written');
    } catch (error) {
      response.writeHead(500).end(error.code);
    }
  },
};

/** Answers every waiting call. */
process.on('SIGUSR2', () => {
  for (const response of waiting.splice(0)) response.end('late');
});

if (process.env.STOP === 'exit') {
  process.on('SIGTERM', () => {
    console.log('the app exits');
    process.exit(0);
  });
}

export function app(request, response) {
  const fault = faults[request.url.split('?')[0]];
  if (fault === undefined) response.writeHead(404).end();
  else fault(response);
}

/** Writes raw bytes to the connection instead of a reply by node:http. */
function raw(bytes, andClose = false) {
  return (response) => response.socket.write(bytes, () => andClose && response.socket.end());
}

/** Writes with backpressure. */
function pour(response, size) {
  const chunk = Buffer.alloc(65_536, 'a');
  let written = 0;
  const more = () => {
    while (written < size && !response.destroyed) {
      written += chunk.length;
      if (!response.write(chunk)) return void response.once('drain', more);
    }
    response.end();
  };
  more();
}

/** Starts it again whenever it ends, as TorchServe, BentoML and uvicorn do. */
function startWorker() {
  const program = 'throw new Error("no module named weights")';
  const worker = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'inherit', 'inherit'] });
  worker.once('exit', () => setTimeout(startWorker, 50));
}

const { START, MARKER, PORT } = process.env;
const failsOnce = START === 'fail-once' && !existsSync(MARKER);
if (failsOnce) writeFileSync(MARKER, '');
if (START === 'fail' || failsOnce) {
  console.error('cannot load the weights: no such file: weights.bin');
  if (isProgram) process.exit(7);
  throw new Error('weights.bin is missing');
}
if (isProgram) {
  const listen = () => createServer(app).listen(Number(PORT), '127.0.0.1');
  if (START === 'slow') setTimeout(listen, 700);
  else if (START === 'never') setInterval(() => undefined, 1000);
  else if (START === 'workers-fail') startWorker();
  else listen();
} else if (START === 'slow') {
  await new Promise((resolve) => setTimeout(resolve, 700));
} else if (START === 'never') {
  setInterval(() => undefined, 1000);
  await new Promise(() => undefined);
}
