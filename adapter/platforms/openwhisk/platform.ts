import type { Platform } from '../platform.ts';

/** Apache OpenWhisk. It calls every action at port 8080, and sets `__OW_*` (docs/protocols/openwhisk.md). */
export const openwhisk: Platform = {
  name: 'openwhisk',
  marks: /^__OW_/,
  settings: [],
  withheld: /^__OW_/,
  port: () => 8080,
  freezes: true,
  listenDeadline: () => undefined,
  load: async () => (await import('./server.ts')).startOpenWhisk,
};
