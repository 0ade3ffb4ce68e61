import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Header } from '../../adapter/http/message.ts';
import { messageOf } from '../../core/errors.ts';
import { platformCases, type CaseName, type Expected, type PlatformCase } from './platform-cases.ts';
import type { ClientReply, ClientRequest, PlatformClient, StartPlatformClient } from './platform-client.ts';
import type { TestModel } from './platform-models.ts';
import type { Echo } from './suite.ts';

/** The limits of a platform. Exceptions have their own expected outcome, so that they are tested as well. */
export interface PlatformLimits {
  /** Bytes of a body that still fits, in both directions. */
  readonly largestBody: number;
  /** Bytes of a reply that is too large and becomes a 413. Undefined if the platform has no limit. */
  readonly replyTooLarge?: number;
  /** Prefix of the model server's paths in the URLs of its callers. Default: no prefix. */
  readonly prefix?: string;
  readonly exceptions?: Readonly<Partial<Record<CaseName, Exception>>>;
}

export interface Exception extends Expected {
  /** Why the platform cannot do better, for the test's title. */
  readonly reason: string;
}

/** One way in which a platform calls the adapter. */
export interface PlatformSuite {
  /** The start of its tests' titles. */
  readonly name: string;
  readonly start: StartPlatformClient;
  readonly limits: PlatformLimits;
}

/**
 * The contract of every platform: a client's request reaches the model server byte for byte, and the reply reaches the
 * client byte for byte, with every kind of model server.
 */
export function testPlatforms(suites: readonly PlatformSuite[], models: readonly TestModel[]): void {
  const pairs = suites.flatMap((suite) => models.map((model) => [suite, model] as const));
  for (const [suite, model] of pairs) {
    // Concurrently, because each of them waits for seconds until a call is aborted.
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
    const { arrives, reply } = exception ?? underPrefix(rule, limits.prefix);
    const except = exception === undefined ? '' : ` (except that ${exception.reason})`;
    test(`${name}${except}`, async () => {
      const wanted = { arrives, reply: reply?.body ? { ...reply, body: met } : reply };
      expect(observed(await send(rule.request), { arrives, reply })).toEqual(wanted);
    });
  }
}

const empty = new Uint8Array();

/** A redirect to a path of the model server's own leads the caller to that path's URL. */
function underPrefix({ arrives, reply }: Expected, prefix = ''): Expected {
  const location = reply?.headers?.['location'];
  if (location === undefined) return { ...(arrives && { arrives }), ...(reply && { reply }) };
  const headers = { ...reply?.headers, location: location.map((path) => prefix + path) };
  return { ...(arrives && { arrives }), reply: { ...reply, headers } };
}

/** The members of the outcome that are expected, in the same shape, so that a failure shows only the difference. */
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

/** Replaces a correct body, because vitest takes a minute to compare megabytes. */
const met = 'as wanted';

/** `met`, or a text about the received bytes. */
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

function echoOf({ status, body }: ClientReply): Echo {
  const text = Buffer.from(body).toString();
  try {
    return JSON.parse(text) as Echo;
  } catch (error) {
    throw new Error(`the reply is no echo (${messageOf(error)}): ${status} ${text.slice(0, 500)}`, { cause: error });
  }
}
