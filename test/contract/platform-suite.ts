import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Header } from '../../adapter/http/message.ts';
import { messageOf } from '../../core/errors.ts';
import { platformCases, type CaseName, type Expected, type PlatformCase } from './platform-cases.ts';
import type { ClientReply, ClientRequest, PlatformClient, StartPlatformClient } from './platform-client.ts';
import type { TestModel } from './platform-models.ts';

/** What a platform cannot carry, each with what happens instead, so that it is tested all the same. */
export interface PlatformLimits {
  /** Bytes of a body that still fits, there and back. */
  readonly largestBody: number;
  /** Bytes of a reply that is too large, to be answered with 413; undefined where the platform sets no limit. */
  readonly replyTooLarge?: number;
  readonly exceptions?: Readonly<Partial<Record<CaseName, Exception>>>;
}

export interface Exception extends Expected {
  /** Why the platform cannot do better; it stands in the test's title. */
  readonly reason: string;
}

/** One way in which a platform calls the adapter. */
export interface PlatformSuite {
  /** As it begins the titles of its tests. */
  readonly name: string;
  readonly start: StartPlatformClient;
  readonly limits: PlatformLimits;
}

/**
 * What every platform must do, whatever its protocol: what a client sends reaches the model server byte for byte, and
 * the reply reaches the client byte for byte, whatever the model server is.
 */
export function testPlatforms(suites: readonly PlatformSuite[], models: readonly TestModel[]): void {
  const pairs = suites.flatMap((suite) => models.map((model) => [suite, model] as const));
  for (const [suite, model] of pairs) {
    // Side by side, as each of them waits for seconds until a call is given up.
    describe.concurrent(`${suite.name} keeps the platform contract`, () => {
      describe.sequential(`in front of ${model.name}`, () => {
        testModel(model, suite);
      });
    });
  }
}

function testModel(model: TestModel, { start, limits }: PlatformSuite): void {
  let client: PlatformClient | undefined;
  beforeAll(async () => {
    const { row, environment } = await model.create();
    client = await start(row, environment);
  });
  afterAll(() => client?.close());

  const send = async (request: Partial<ClientRequest>): Promise<ClientReply> => {
    if (client === undefined) throw new Error('the adapter did not start');
    return client.send({
      method: 'GET',
      path: '/',
      query: '',
      headers: [],
      body: empty,
      timeLimit: 30_000,
      ...request,
    });
  };

  const rules = Object.values(platformCases(limits)).flatMap((kind) => Object.entries(kind));
  for (const [name, rule] of rules as [CaseName, PlatformCase][]) {
    const exception = limits.exceptions?.[name];
    const { arrives, reply } = exception ?? rule;
    const except = exception === undefined ? '' : ` (except that ${exception.reason})`;
    test(`${name}${except}`, async () => {
      const wanted = { arrives, reply: reply?.body ? { ...reply, body: met } : reply };
      expect(observed(await send(rule.request), { arrives, reply })).toEqual(wanted);
    });
  }
}

const empty = new Uint8Array();

/** As much of what happened as is wanted, in the same shape, so that a failure shows the difference and no more. */
function observed(got: ClientReply, { arrives, reply }: Expected): { arrives: unknown; reply: unknown } {
  const received = arrives === undefined ? undefined : echoOf(got);
  return {
    arrives: received && {
      ...pick(received, arrives),
      ...(arrives?.headers && { headers: valuesOf(received.headers, arrives.headers) }),
    },
    reply: reply && {
      ...(reply.status !== undefined && { status: got.status }),
      ...(reply.headers && { headers: valuesOf(got.headers, reply.headers) }),
      ...(reply.body && { body: compared(got.body, reply.body) }),
    },
  };
}

function pick<Whole extends object>(whole: Whole, wanted: object = {}): Partial<Whole> {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => Object.hasOwn(wanted, name))) as Partial<Whole>;
}

function valuesOf(headers: readonly Header[], wanted: object): Record<string, string[]> {
  const named = (name: string): Header[] => headers.filter(([each]) => each.toLowerCase() === name);
  return Object.fromEntries(Object.keys(wanted).map((name) => [name, named(name).map(([, value]) => value)]));
}

/** Stands for a body that is as it should be: comparing megabytes one by one takes vitest a minute. */
const met = 'as wanted';

/** `met`, or a text that says what came. */
function compared(received: Uint8Array, wanted: Uint8Array | RegExp): string {
  if (wanted instanceof RegExp) {
    const text = Buffer.from(received).toString();
    return wanted.test(text) ? met : text;
  }
  if (Buffer.compare(received, wanted) === 0) return met;
  const at = wanted.findIndex((byte, index) => received[index] !== byte);
  const shown = Buffer.from(received.subarray(0, 200)).toString('latin1');
  return `${received.length} bytes instead of ${wanted.length}, other from byte ${at}: ${shown}`;
}

interface Echo {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: readonly Header[];
  readonly length: number;
}

function echoOf({ status, body }: ClientReply): Echo {
  const text = Buffer.from(body).toString();
  try {
    return JSON.parse(text) as Echo;
  } catch (error) {
    throw new Error(`the reply is no echo (${messageOf(error)}): ${status} ${text.slice(0, 500)}`, { cause: error });
  }
}
