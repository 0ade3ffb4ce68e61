import type { Header } from '../../../adapter/http/message.ts';
import { expressModel } from '../../contract/platform-models.ts';
import { type Collector, startCollector } from '../../support/collector.ts';
import type { ChildProcess } from '../adapter-process.ts';
import { sendHttp } from '../http-client.ts';
import { startOnPort } from '../platforms/http/start.ts';
import { functionUrl } from '../platforms/lambda/front-ends.ts';
import { startLambdaFunction } from '../platforms/lambda/start-lambda.ts';

/** A collector, and adapters that send spans to it. */
export class Tracing {
  readonly collector: Collector;
  /** Are stopped at the end. */
  readonly running: Pick<ChildProcess, 'stop'>[] = [];

  constructor(collector: Collector) {
    this.collector = collector;
  }

  static async start(): Promise<Tracing> {
    return new Tracing(await startCollector());
  }

  /** The variable that turns spans on. */
  get endpoint(): Readonly<Record<string, string>> {
    return { OTEL_EXPORTER_OTLP_ENDPOINT: this.collector.url };
  }

  /** The adapter in front of the echo server of the contract suite, on plain HTTP. */
  async onHttp(variables: Readonly<Record<string, string>>, model = expressModel): Promise<Started> {
    const { row, environment } = await model.create();
    const { port, adapter } = await startOnPort(row, { ...environment, OTEL_BSP_SCHEDULE_DELAY: '20', ...variables });
    this.running.push(adapter);
    return { adapter, call: callerOf(port) };
  }

  /** The same on Lambda, with the collector's address. */
  async onLambda(variables: Readonly<Record<string, string>>) {
    const { row, environment } = await expressModel.create();
    const lambda = await startLambdaFunction(row, { ...environment, ...this.endpoint, ...variables });
    this.running.push(lambda);
    return lambda;
  }

  async close(): Promise<void> {
    await Promise.all(this.running.splice(0).map((adapter) => adapter.stop('SIGKILL')));
    await this.collector.close();
  }
}

export interface Started {
  readonly adapter: ChildProcess;
  readonly call: Caller;
}

type Caller = (
  path: string,
  headers?: readonly Header[],
  method?: string,
) => Promise<{ readonly status: number; readonly body: string }>;

/** Sends requests without a body. */
export function callerOf(port: number): Caller {
  return async (path, headers = [], method = 'GET') => {
    const reply = await sendHttp(port, { method, path, query: '', headers, body: Buffer.alloc(0) });
    return { status: reply.status, body: Buffer.from(reply.body).toString() };
  };
}

/** A call of Lambda's function URL. */
export function lambdaGet(): object {
  return functionUrl.event({
    method: 'GET',
    path: '/echo',
    query: '',
    headers: [],
    body: Buffer.alloc(0),
    timeLimit: 0,
  });
}
