import { expect, test } from 'vitest';
import type { Controller } from '../../../gateway/controller.ts';
import { checkChange } from '../../../gateway/rest/check-change.ts';
import type { GatewayRequest } from '../../../gateway/http/message.ts';

const controller = { options: { payloadLimit: 10 } } as Controller;

function change(peer: string): void {
  checkChange({ peer, bodyLength: 0 } as GatewayRequest, controller);
}

test.each(['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])('a change from %s is allowed', (peer) => {
  expect(() => change(peer)).not.toThrow();
});

test.each(['172.17.0.2', '::ffff:172.17.0.2', '192.168.1.5', 'fe80::1', '127.0.0.1.example', ''])(
  'a change from "%s" is refused',
  (peer) => {
    expect(() => change(peer)).toThrow('from the machine that runs the gateway alone');
  },
);
