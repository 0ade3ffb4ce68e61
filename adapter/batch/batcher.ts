import type { BatchRoute } from '../../core/batch-row.ts';
import { ModelServerError } from '../errors.ts';
import type { ModelResponse, WholeRequest } from '../http/message.ts';
import { onAbort } from '../model/abort.ts';
import { BatchCall } from './batch-call.ts';
import type { ListFormat } from './list-format.ts';

/**
 * Sends the requests of calls. Resolves when the model server can take the next request, after the last byte of its
 * reply. Never rejects: each call gets its reply or its error.
 */
export type SendCalls = (calls: readonly BatchCall[]) => Promise<void>;

/**
 * Collects calls adaptively. A call is sent at once and alone if no call of its kind is in progress. Calls that arrive
 * meanwhile wait until that call has ended, until the batch is full, or until the first of them has waited for the
 * route's `wait`. A call whose caller disconnects is removed.
 */
export class Batcher {
  readonly #route: BatchRoute;
  readonly #format: ListFormat;
  readonly #send: SendCalls;
  readonly #running = new Set<readonly BatchCall[]>();
  /** By the common key of the calls. */
  readonly #gathered = new Map<string, Gathered>();
  /** Duration of the last request in milliseconds. */
  #lastDuration = 0;

  constructor(route: BatchRoute, format: ListFormat, send: SendCalls) {
    this.#route = route;
    this.#format = format;
    this.#send = send;
  }

  handle(request: WholeRequest): Promise<ModelResponse> {
    const call = new BatchCall(request, this.#format);
    if (this.#running.size === 0 || this.#mustGoAlone(call)) this.#start([call]);
    else this.#gather(call);
    return call.reply;
  }

  #mustGoAlone(call: BatchCall): boolean {
    const { keyed, request } = call;
    if (keyed === undefined || keyed.list.size > this.#route.largest || request.body.length > this.#route.bytes) {
      return true;
    }
    const left = request.deadline - Date.now();
    if (left < 2 * (this.#route.wait + this.#lastDuration)) return true;
    return !this.#gathered.has(keyed.key) && !this.#isRunning(keyed.key);
  }

  #isRunning(key: string): boolean {
    for (const [first] of this.#running) if (first?.keyed?.key === key) return true;
    return false;
  }

  #gather(call: BatchCall): void {
    const { list: { size = 0 } = {}, key = '' } = call.keyed ?? {};
    const bytes = call.request.body.length;
    const { largest, bytes: mostBytes, wait } = this.#route;
    const present = this.#gathered.get(key);
    const isFull = present !== undefined && (present.size + size > largest || present.bytes + bytes > mostBytes);
    if (isFull) this.#release(key);
    let gathered = this.#gathered.get(key);
    if (gathered === undefined) {
      gathered = { calls: new Set(), size: 0, bytes: 0, timer: setTimeout(() => this.#release(key), wait) };
      this.#gathered.set(key, gathered);
    }
    const { calls } = gathered;
    calls.add(call);
    gathered.size += size;
    gathered.bytes += bytes;
    onAbort(call.request.signal, () => {
      calls.delete(call);
      call.reject(new ModelServerError('MODEL_TIMEOUT', 'the model server did not answer in time'));
    });
    if (gathered.size >= largest) this.#release(key);
  }

  #release(key: string): void {
    const gathered = this.#gathered.get(key);
    if (gathered === undefined) return;
    clearTimeout(gathered.timer);
    this.#gathered.delete(key);
    if (gathered.calls.size > 0) this.#start([...gathered.calls]);
  }

  #start(calls: readonly BatchCall[]): void {
    this.#running.add(calls);
    void this.#run(calls);
  }

  async #run(calls: readonly BatchCall[]): Promise<void> {
    const began = performance.now();
    await this.#send(calls);
    this.#lastDuration = performance.now() - began;
    this.#running.delete(calls);
    if (this.#gathered.size > 0) this.#release(calls[0]?.keyed?.key ?? '');
  }
}

interface Gathered {
  readonly calls: Set<BatchCall>;
  /** Total size of their lists. Removed calls are still counted. */
  size: number;
  bytes: number;
  readonly timer: NodeJS.Timeout;
}
