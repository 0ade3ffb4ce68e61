import type { RequestListener } from 'node:http';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../../../core/errors.ts';
import { ModelServerError } from '../../errors.ts';
import { keepTail } from './output.ts';

export interface AppModule {
  /** Path of the module, absolute or relative to the working directory. */
  readonly module: string;
  /** Name under which the module exports the app (or a promise of it); "default" for the default export. */
  readonly export: string;
}

/**
 * Loads an Express app, or any other function that takes requests as node:http's server hands them over.
 *
 * @throws ModelServerError MODEL_START, with the last lines that the module printed
 */
export async function loadApp(options: AppModule): Promise<RequestListener> {
  const output = keepTail();
  try {
    const loaded = (await import(pathToFileURL(resolve(options.module)).href)) as Record<string, unknown>;
    // A CommonJS module's exports may stand under "default" only.
    const whole = loaded['default'] as Record<string, unknown> | undefined;
    const app: unknown = await (loaded[options.export] ?? whole?.[options.export]);
    if (typeof app === 'function') return app as RequestListener;
    const names = Object.keys(loaded).join(', ') || 'nothing';
    throw new Error(`${options.module} exports no app named ${JSON.stringify(options.export)} (it exports ${names})`);
  } catch (cause) {
    const message = `the model server failed to start: ${messageOf(cause)}`;
    throw new ModelServerError('MODEL_START', message, { cause, output: output.lines().join('\n') });
  } finally {
    output.stop();
  }
}
