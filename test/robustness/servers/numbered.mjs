// A model server for many calls at a time, each with a number of its own: /ok/7 answers 7, /fail/7 answers 500 with 7,
// /throw/7 throws outside of any handler, /hang/7 never answers, and /killed/7 loses its connection, as where a worker
// process is killed in the middle of a call. It prints each number. An Express row can load it, and as a program it listens on PORT.
import { createServer } from 'node:http';

export function app(request, response) {
  const [, what, number] = request.url.split('/');
  console.log(`working on ${number}`);
  if (what === 'hang') return;
  setTimeout(
    () => {
      if (what === 'throw') throw new Error(`thrown for ${number}`);
      if (what === 'killed') response.socket.destroy();
      else response.writeHead(what === 'ok' ? 200 : 500, { 'content-type': 'text/plain' }).end(number);
    },
    Number(number) % 7,
  );
}

if (process.argv[1] === import.meta.filename) createServer(app).listen(Number(process.env.PORT), '127.0.0.1');
