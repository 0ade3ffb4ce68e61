// A model server that answers each connection with what arrived on it, as base64, once nothing more comes. It listens
// on PORT and knows no HTTP, so that whatever is smuggled into a request shows.
import { createServer } from 'node:net';

createServer((socket) => {
  const chunks = [];
  let timer;
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const body = Buffer.concat(chunks).toString('base64');
      socket.end(
        `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
    }, 30);
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
