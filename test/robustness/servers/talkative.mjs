// A model server that writes to its log, on PORT.
import { createServer } from 'node:http';

let written = 0;

/** 20 MB of lines, no faster than they are taken. */
function flood() {
  const line = `flood ${'x'.repeat(990)}\n`;
  const more = () => {
    while (written < 20_000) {
      written += 1;
      if (!process.stdout.write(line)) {
        process.stdout.once('drain', more);
        return;
      }
    }
  };
  more();
}

createServer((request, response) => {
  request.resume();
  if (request.url === '/flood') flood();
  if (request.url?.endsWith('/say')) {
    process.stdout.write('{"severity":"INFO","message":"from stdout"}\n');
    process.stderr.write('{"severity":"ERROR","message":"from stderr"}\n');
    process.stderr.write('Traceback, as plain text\n{"severity":"ERROR", cut off\n');
  }
  response.end(JSON.stringify({ written }));
}).listen(Number(process.env.PORT), '127.0.0.1');
