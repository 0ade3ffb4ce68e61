// A model server that replies in three million chunks of one byte, and counts the bytes that it gets, on PORT.
import { createServer } from 'node:http';

const part = '1\r\nx\r\n'.repeat(10_000);

createServer((request, response) => {
  if (request.url === '/ones') {
    const { socket } = response;
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'transfer-encoding': 'chunked' });
    response.flushHeaders();
    let left = 300;
    const more = () => {
      while (left > 0) {
        left -= 1;
        if (!socket.write(part)) {
          socket.once('drain', more);
          return;
        }
      }
      socket.end('0\r\n\r\n');
    };
    more();
    return;
  }
  let bytes = 0;
  request.on('data', (each) => (bytes += each.length));
  request.on('end', () => response.end(JSON.stringify({ bytes })));
}).listen(Number(process.env.PORT), '127.0.0.1');
