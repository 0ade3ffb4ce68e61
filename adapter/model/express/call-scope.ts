import { AsyncResource } from 'node:async_hooks';

/**
 * Runs code of the app that something outside of its call sets off, like a part of the request that arrives. The code
 * runs in the asynchronous context of its call, so an error in it fails that call alone. As under node:http, the error
 * becomes an uncaught exception. It never reaches the caller's connection, whose parser would fail with it.
 */
export class CallScope {
  // Only manual destruction needs no finalizer.
  readonly #resource = new AsyncResource('MODEL_CALL', { requireManualDestroy: true });

  run(act: () => void): void {
    this.#resource.runInAsyncScope(() => {
      try {
        act();
      } catch (error) {
        // In a tick of its own, which keeps the context.
        process.nextTick(() => {
          throw error;
        });
      }
    });
  }
}
