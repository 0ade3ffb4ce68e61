// A model server that answers each connection with the received bytes, as base64, when no more arrive. It listens on
// PORT and does not parse HTTP, so that anything smuggled into a request is visible.
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
