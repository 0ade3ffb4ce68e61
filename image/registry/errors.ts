import { ModelwhiskError } from '../../core/errors.ts';

export type RegistryErrorCode =
  /** 401 after a fresh token, or a refused log-in. */
  | 'REGISTRY_UNAUTHORIZED'
  /** 403, or a token that lacks the push scope. */
  | 'REGISTRY_DENIED'
  | 'REGISTRY_NOT_FOUND'
  /** 429 with a wait that is too long. */
  | 'REGISTRY_RATE_LIMIT'
  /** Connection errors, time-outs and 5xx after all retries. */
  | 'REGISTRY_UNAVAILABLE'
  /** An answer that breaks the distribution specification, or that we refuse to follow. */
  | 'REGISTRY_PROTOCOL'
  /** Bytes with another digest than the requested one. */
  | 'REGISTRY_DIGEST'
  /** Image kinds that nothing can be appended to. */
  | 'REGISTRY_UNSUPPORTED'
  /** A refused mount would copy a lot of data. */
  | 'REGISTRY_COPY_NEEDED'
  /** A TLS certificate that is not trusted. */
  | 'REGISTRY_CERTIFICATE'
  /** Credentials that cannot be read. */
  | 'REGISTRY_CREDENTIALS';

/** A failed exchange with a registry. It never contains credentials. */
export class RegistryError extends ModelwhiskError {
  override readonly name = 'RegistryError';
  declare readonly code: RegistryErrorCode;
  /** The HTTP status that caused it, if any. */
  readonly status: number | undefined;
  /** Digests the registry listed in the answer's details (MANIFEST_BLOB_UNKNOWN). */
  readonly digests: readonly string[];

  constructor(
    code: RegistryErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown; status?: number; digests?: readonly string[] } = {},
  ) {
    super(code, message, code === 'REGISTRY_PROTOCOL' ? { hint: notARegistry, ...options } : options);
    this.status = options.status;
    this.digests = options.digests ?? [];
  }
}

const notARegistry =
  'check that this is the address of a container registry, and what stands before it, such as a proxy';

/** A temporary failure: the request (or its upload) can be sent again. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  /** Milliseconds the server asked us to wait. */
  readonly retryAfter: number | undefined;
  /** The HTTP status, if any. */
  readonly status: number | undefined;

  constructor(message: string, options: { cause?: unknown; retryAfter?: number; status?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryAfter = options.retryAfter;
    this.status = options.status;
  }
}

/** The address of a host is outside of what is allowed; see Reach. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
  readonly host: string;

  constructor(host: string) {
    super(`${host} has an address that may not be reached`);
    this.host = host;
  }
}
