import type { Plugin } from 'esbuild';

/**
 * Modules that packages load at the start, and that the adapter never uses. It passes bytes to supertest, and takes the
 * reply from node:http (adapter/model/express.ts). Loading these modules was a third of what the adapter added to an
 * Express app's cold start.
 */
const unused: Readonly<Record<string, readonly RegExp[]>> = {
  // Forms, sent and received; expectations; other protocols; secure servers.
  superagent: [/^(formidable|form-data|cookiejar|mime)$/, /^(node:)?(https|tls)$/, /\/http2wrapper$/],
  supertest: [/^(node:)?(assert|tls|http2|https)$/, /\/cookies$/],
  // Its messages in forty languages.
  zod: [/\/locales\/index\.js$/],
};

/** Replaces each of them by an empty module, except for a function of mime that superagent calls while it loads. */
export const withoutUnused: Plugin = {
  name: 'without-unused',
  setup(esbuild) {
    esbuild.onResolve({ filter: /.*/ }, ({ path, importer }) => {
      const [, name = ''] = /node_modules\/(superagent|supertest|zod)\//.exec(importer) ?? [];
      // It is used for the query, although that is always empty.
      if (name === 'superagent' && path === 'qs') return { path: 'node:querystring', external: true };
      return unused[name]?.some((pattern) => pattern.test(path)) ? { path, namespace: 'unused' } : undefined;
    });
    esbuild.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'exports.define = () => undefined;' }));
  },
};
