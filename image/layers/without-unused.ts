import type { Plugin } from 'esbuild';

/**
 * What packages load at once for things that the adapter does not ask of them. It hands bytes to supertest and takes the
 * reply from node:http itself (adapter/model/express.ts), so that what is left out there is never called; loading it
 * took a third of the time by which the adapter made an Express app's cold start longer.
 */
const unused: Readonly<Record<string, readonly RegExp[]>> = {
  // Forms, sent and received; expectations; other protocols; secure servers.
  superagent: [/^(formidable|form-data|cookiejar|mime)$/, /^(node:)?(https|tls)$/, /\/http2wrapper$/],
  supertest: [/^(node:)?(assert|tls|http2|https)$/],
  // Its messages in forty languages.
  zod: [/\/locales\/index\.js$/],
};

/** Puts a module in the place of each of them that is empty, but for what superagent calls while it loads (of mime). */
export const withoutUnused: Plugin = {
  name: 'without-unused',
  setup(esbuild) {
    esbuild.onResolve({ filter: /.*/ }, ({ path, importer }) => {
      const [, name = ''] = /node_modules\/(superagent|supertest|zod)\//.exec(importer) ?? [];
      // A query is asked for, too, though an empty one.
      if (name === 'superagent' && path === 'qs') return { path: 'node:querystring', external: true };
      return unused[name]?.some((pattern) => pattern.test(path)) ? { path, namespace: 'unused' } : undefined;
    });
    esbuild.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'exports.define = () => undefined;' }));
  },
};
