import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import * as z from 'zod';
import { eventually } from './eventually.ts';

/** A span as the collector received it, with its attributes as an object. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: number;
  readonly milliseconds: number;
  readonly start: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Status code: 0 unset, 2 error. */
  readonly status: number;
  readonly resource: Readonly<Record<string, unknown>>;
  /** Headers of the request that brought it. */
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
}

/** Stands for an OpenTelemetry collector's OTLP/HTTP receiver: an HTTP server that parses the JSON of each request. */
export interface Collector {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Requests that came, whatever the answer was. */
  readonly requests: () => number;
  /** How it answers from now on. Default: 200. "never" keeps requests open. */
  answer: number | 'never';
  /** Resolves when there are this many spans. */
  received(count: number, seconds?: number): Promise<readonly ReceivedSpan[]>;
  close(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  let requests = 0;
  const server = createServer((incoming, outgoing) => {
    requests += 1;
    receive(incoming, outgoing).catch((error: unknown) => outgoing.writeHead(400).end(String(error)));
  });
  const receive = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await json(incoming);
    if (collector.answer === 'never') return;
    if (collector.answer === 200) {
      const { url = '', headers } = incoming;
      for (const span of spansIn(body)) spans.push({ ...span, path: url, headers });
    }
    outgoing.writeHead(collector.answer, { 'content-type': 'application/json' }).end('{}');
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests: () => requests,
    answer: 200,
    received: async (count, seconds = 10) =>
      eventually(
        `the collector has ${count} spans`,
        () => spans,
        ({ length }) => length >= count,
        seconds,
      ),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return collector;
}

function spansIn(body: unknown): readonly Omit<ReceivedSpan, 'headers' | 'path'>[] {
  return request.parse(body).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ startTimeUnixNano, endTimeUnixNano, status, attributes, ...span }) => ({
        ...span,
        parentSpanId: span.parentSpanId,
        attributes: objectOf(attributes),
        resource: objectOf(resource.attributes),
        status: status.code ?? 0,
        start: Number(BigInt(startTimeUnixNano) / 1_000_000n),
        milliseconds: Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1_000_000,
      })),
    ),
  );
}

type Attributes = z.infer<typeof attributes>;

function objectOf(list: Attributes): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    list.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? Number(value.intValue ?? value.doubleValue),
    ]),
  );
}

// opentelemetry-proto 1.x, opentelemetry/proto/trace/v1/trace.proto, as JSON: ids in hexadecimal, nanoseconds as text.

const attributes = z.array(
  z.object({
    key: z.string(),
    value: z.object({
      stringValue: z.string().optional(),
      boolValue: z.boolean().optional(),
      intValue: z.union([z.string(), z.number()]).optional(),
      doubleValue: z.number().optional(),
    }),
  }),
);

const nanoseconds = z.string().regex(/^\d{19}$/);

const request = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(
        z.object({
          scope: z.object({ name: z.literal('modelwhisk'), version: z.string() }),
          spans: z.array(
            z.object({
              traceId: z.string().regex(/^[\da-f]{32}$/),
              spanId: z.string().regex(/^[\da-f]{16}$/),
              parentSpanId: z
                .string()
                .regex(/^[\da-f]{16}$/)
                .optional(),
              name: z.string(),
              kind: z.number(),
              startTimeUnixNano: nanoseconds,
              endTimeUnixNano: nanoseconds,
              attributes,
              status: z.object({ code: z.number().optional() }),
            }),
          ),
        }),
      ),
    }),
  ),
});
