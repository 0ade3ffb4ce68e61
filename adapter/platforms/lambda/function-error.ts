import { ModelwhiskError } from '../../../core/errors.ts';
import { operatorMessage } from '../../errors.ts';
import { isJsonObject } from '../../json/object.ts';

/** A failure in the Runtime API's form. It becomes the caller's payload. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace: readonly string[];
  /** The model server's error, see invocationResult. */
  readonly error?: unknown;
}

/** A failed call of the model for an event that is not an HTTP request. */
export class InvocationFailure extends ModelwhiskError {
  override readonly name = 'InvocationFailure';
  /** The error of invocationResult. */
  readonly error: unknown;

  constructor(error: unknown) {
    const { statusCode, message, body } = isJsonObject(error) ? error : {};
    const code = isJsonObject(body) && typeof body['code'] === 'string' ? body['code'] : `STATUS_${String(statusCode)}`;
    super(code, String(message));
    this.error = error;
  }
}

/** A thrown value as a failure of the invocation. */
export function functionError(thrown: unknown): FunctionError {
  const errorType = thrown instanceof ModelwhiskError ? thrown.code : 'INTERNAL';
  if (errorType === 'INTERNAL') console.error(thrown);
  return {
    errorType,
    errorMessage: operatorMessage(thrown),
    stackTrace: [],
    ...(thrown instanceof InvocationFailure && { error: thrown.error }),
  };
}

/** The header that names a failure's type ("Using the Lambda runtime API"). */
export function errorHeaders({ errorType }: FunctionError): Record<string, string> {
  return { 'lambda-runtime-function-error-type': errorTypeHeader(errorType) };
}

/** Trailers for a failure after the start of a reply ("Using the Lambda runtime API", response streaming). */
export function errorTrailers(error: FunctionError): Record<string, string> {
  return {
    'Lambda-Runtime-Function-Error-Type': errorTypeHeader(error.errorType),
    'Lambda-Runtime-Function-Error-Body': Buffer.from(JSON.stringify(error)).toString('base64'),
  };
}

/**
 * MODEL_TIMEOUT becomes Function.ModelTimeout. A model server's own code may have characters that no header takes, or be
 * longer than a header may be.
 */
function errorTypeHeader(code: string): string {
  const words = code.toLowerCase().match(/[a-z\d]+/g) ?? ['error'];
  const name = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
  return `Function.${name.slice(0, longestType)}`;
}

const longestType = 100;
