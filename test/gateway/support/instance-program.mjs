// A program that stands for the adapter in tests of the invoker. The parameter `do` of each /run chooses what it does.
import { createServer } from 'node:http';

const marker = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';
let runs = 0;
let environment = {};

const server = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk) => (text += chunk));
  request.on('end', () => answer(request.url, JSON.parse(text), response));
});

function answer(path, body, response) {
  if (path === '/init') {
    environment = body.value.env;
    return reply(response, process.env.INIT_STATUS ?? 200, { error: 'init refused' });
  }
  runs += 1;
  const { do: command = 'echo', delay = 0 } = body.value;
  const isMeant = command === 'exit once' && body.value.pid === String(process.pid);
  if (command === 'exit' || isMeant) process.exit(3);
  if (command === 'hang') return undefined;
  console.log(`out ${runs}`);
  console.error(`err ${runs}`);
  console.log(marker);
  console.error(marker);
  const result = {
    pid: process.pid,
    runs,
    body,
    environment,
    process: process.env.GIVEN,
    api: process.env.__OW_API_HOST,
  };
  return setTimeout(
    () => reply(response, command === 'fail' ? 500 : command === 'unhealthy' ? 503 : 200, result),
    delay,
  );
}

function reply(response, status, value) {
  const text = JSON.stringify(value);
  response.writeHead(Number(status), { 'Content-Length': Buffer.byteLength(text) }).end(text);
}

setTimeout(() => server.listen(Number(process.env.MODELWHISK_PORT), '127.0.0.1'), 100);
