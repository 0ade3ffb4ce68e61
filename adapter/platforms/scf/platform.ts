import type { Platform } from '../platform.ts';

/** Tencent SCF's image functions. SCF calls port 9000 (cloud.tencent.com/document/product/583/56126). */
export const scf: Platform = {
  name: 'scf',
  marks: /^(TENCENTCLOUD_RUNENV$|SCF_)/,
  settings: [
    {
      name: 'MODELWHISK_SCF_FUNCTION',
      meaning:
        '`event` or `web`: what kind of function it is. In a web function, `POST /event-invoke` is a request like any other.',
      otherwise: 'an event is what comes with headers of SCF and without those of a proxy',
    },
  ],
  withheld: /^(SCF_|TENCENTCLOUD_)/,
  port: () => 9000,
  freezes: true,
  // SCF waits for 30 s.
  listenDeadline: () => 25_000,
  load: async () => (await import('./server.ts')).startScf,
};
