import { ModelwhiskError } from '../core/errors.ts';
import type { Refusal } from './http/refusal.ts';
import { jsonReply, prettyJsonReply, textReply, type Header, type Reply } from './http/message.ts';

/** The gateway cannot start or cannot reach what it serves. */
export class GatewayError extends ModelwhiskError {
  override readonly name = 'GatewayError';
}

/**
 * A request that pekko-http rejects before or after the controller's own code. The answer is compact JSON without the
 * headers that the controller adds (CORS, activation id).
 */
export class Rejection extends ModelwhiskError {
  override readonly name = 'Rejection';
  readonly status: number;
  readonly headers: readonly Header[];

  constructor(status: number, message: string, options: { headers?: readonly Header[]; cause?: unknown } = {}) {
    super('REJECTED', message, { cause: options.cause });
    this.status = status;
    this.headers = options.headers ?? [];
  }
}

/** What OpenWhisk's controller itself fails at, with status 500. It is no fault of the gateway. */
export class ControllerFailure extends ModelwhiskError {
  override readonly name = 'ControllerFailure';

  constructor(message: string, hint: string) {
    super('CONTROLLER_FAILURE', message, { hint });
  }
}

/** @param message the text after `negotiatedMessage` */
export function rejectionReply(rejection: Rejection, message: string, transaction: string): Reply {
  return jsonReply(rejection.status, { error: message, code: transaction }, rejection.headers);
}

/** The answer of pekko-http's parser. */
export function refusalReply({ status, message }: Refusal): Reply {
  return textReply(status, message);
}

/** The answer of pekko-http to an exception that the controller did not expect. */
export function internalErrorReply(): Reply {
  return textReply(500, defaultMessages[500] ?? '');
}

export function methodNotAllowed(methods: readonly string[]): Rejection {
  const allowed = methods.join(', ');
  return new Rejection(405, `HTTP method not allowed, supported methods: ${allowed}`, {
    headers: [['Allow', allowed]],
  });
}

export function unauthenticated(credentials: 'missing' | 'rejected'): Rejection {
  return new Rejection(401, messages.unauthenticated[credentials], {
    headers: [['WWW-Authenticate', 'Basic realm="OpenWhisk secure realm",charset=UTF-8']],
  });
}

/** The controller's own error reply (ErrorResponse.scala), pretty-printed. `message` defaults to the status's. */
export function errorReply(status: number, transaction: string, message = defaultMessages[status] ?? ''): Reply {
  return prettyJsonReply(status, { error: message, code: transaction });
}

/** The same error reply on one line, as the REST API writes it. */
export function restError(status: number, transaction: string, message = defaultMessages[status] ?? ''): Reply {
  return jsonReply(status, { error: message, code: transaction });
}

/** `Messages` of ErrorResponse.scala and the default messages of pekko-http's StatusCodes. */
export const messages = {
  parametersNotAllowed: 'Request defines parameters that are not allowed (e.g., reserved properties).',
  propertyNotFound: 'Response does not include requested property.',
  unknownContentType: 'Response did not specify a known content-type.',
  contentTypeMismatch: 'Response type in header did not match generated content type.',
  errorProcessingRequest: 'There was an error processing your request.',
  responseNotReady: 'Response not yet ready.',
  unauthenticated: {
    missing: 'The resource requires authentication, which was not supplied with the request',
    rejected: 'The supplied authentication is invalid',
  },
  notFoundRoute: 'The requested resource could not be found.',
  invalidMedia: (type: string) => `Response is not valid '${type}'.`,
  entityTooBig: (length: number, limit: number) => `Request larger than allowed: ${length} > ${limit} bytes.`,
  malformedContent: (reason: string) => `The request content was malformed:\n${reason}`,
  imagePullError: (image: string) => `Failed to pull container image '${image}'.`,
  resourceProvisionError: 'Failed to provision resources to run the action.',
  conformance: 'Resource by this name exists but is not in this collection.',
  alreadyExists: 'resource already exists',
  notAllowedOnBinding: 'Operation not permitted on package binding.',
  bindingDoesNotExist: 'Binding references a package that does not exist.',
  bindingCannotReferenceBinding: 'Cannot bind to another package binding.',
  packageCannotBecomeBinding: 'Resource is a package and cannot be converted into a binding.',
  packageNameIsReserved: (name: string) => `Package name '${name}' is reserved.`,
  packageNotEmpty: (count: number) =>
    `Package not empty (contains ${count} ${count === 1 ? 'entity' : 'entities'}). Set force param or delete package contents.`,
  unacceptable: (type: string) => `Resource representation is only available with these types:\n${type}`,
} as const;

const defaultMessages: Readonly<Record<number, string>> = {
  401: 'Authentication is possible but has failed or not yet been provided.',
  404: 'The requested resource does not exist.',
  500: 'There was an internal server error.',
};
