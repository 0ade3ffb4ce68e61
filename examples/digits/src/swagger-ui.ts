import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import express, { type Router } from 'express';
import { allowOnly } from './errors.ts';

/** In characters: well under the 1 MiB that serverless platforms let through in one reply, escaped as JSON text. */
const PART_LENGTH = 400_000;

const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const files = ['swagger-ui.css', 'favicon-32x32.png'];

/**
 * Swagger UI at `/`, from the npm package. Every address in the page is relative, so that it works wherever the
 * server is mounted; the script, 1.7 MB in one file, is served in parts that the page puts together.
 */
export function createSwaggerUi(): Router {
  const router = express.Router();
  const script = readFileSync(join(folder, 'swagger-ui-bundle.js'), 'utf8');
  const parts = script.match(new RegExp(`[^]{1,${PART_LENGTH}}`, 'gu')) ?? [];
  const html = page(parts.length);

  serve('/', (response) => response.type('html').send(html));
  for (const file of files) {
    serve(`/swaggerui/${file}`, (response) => response.sendFile(file, { root: folder }));
  }
  for (const [index, part] of parts.entries()) {
    serve(`/swaggerui/part-${index}.js`, (response) => response.type('js').send(part));
  }
  return router;

  function serve(path: string, answer: (response: express.Response) => void): void {
    router
      .route(path)
      .get((_request, response) => answer(response))
      .all(allowOnly('GET', 'HEAD'));
  }
}

function page(parts: number): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Handwritten digits</title>
    <script>
      // Relative addresses need the slash: …/digits would resolve them beside the server, not in it.
      if (!location.pathname.endsWith('/')) location.replace(location.pathname + '/' + location.search);
    </script>
    <link rel="stylesheet" href="swaggerui/swagger-ui.css">
    <link rel="icon" href="swaggerui/favicon-32x32.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script type="module">
      const text = async (path) => {
        const response = await fetch(path);
        if (!response.ok) throw new Error(path + ' answered ' + response.status);
        return response.text();
      };
      const parts = Array.from({ length: ${parts} }, (_, index) => text('swaggerui/part-' + index + '.js'));
      const script = document.createElement('script');
      script.textContent = (await Promise.all(parts)).join('');
      document.head.append(script);
      const spec = JSON.parse(await text('swagger.json'));
      // Calls go to the page's own host, below the same path.
      spec.host = location.host;
      spec.basePath = location.pathname.replace(/\\/$/, '') || '/';
      SwaggerUIBundle({ spec, dom_id: '#swagger-ui' });
    </script>
  </body>
</html>
`;
}
