import type { Platform } from '../platform.ts';

/** Tencent SCF's image functions. SCF calls port 9000 (cloud.tencent.com/document/product/583/56126). */
export const scf: Platform = {
  name: 'scf',
  marks: /^(TENCENTCLOUD_RUNENV$|SCF_)/,
  settings: [],
  withheld: /^(SCF_|TENCENTCLOUD_)/,
  port: () => 9000,
  // SCF waits for 30 s.
  listenDeadline: () => 25_000,
  load: async () => (await import('./server.ts')).startScf,
};
