import { codeOf, messageOf } from '../../core/errors.ts';
import { RegistryError, TransientError } from './errors.ts';

/**
 * The error for a request that got no answer: TransientError if trying again may help, else RegistryError with a hint.
 *
 * @param proxy the proxy that should have forwarded the request, if any
 */
export function connectionError(url: URL, proxy: URL | undefined, cause: unknown): TransientError | RegistryError {
  // OpenSSL's messages for an answer that is not TLS.
  if (url.protocol === 'https:' && /wrong version number|packet length too long/.test(messageOf(cause))) {
    return new RegistryError('REGISTRY_PROTOCOL', `${url.host} does not speak HTTPS`, {
      cause,
      hint: `give --insecure ${url.host} if plain HTTP is what it is meant to speak`,
    });
  }
  const code = codeOf(cause);
  const problem = code === undefined ? undefined : certificateProblems[code];
  if (problem !== undefined) return certificateError(url, problem, code, cause);
  const route = proxy === undefined ? url.host : `${url.host} through the proxy ${proxy.host}`;
  return new TransientError(`connection to ${route} failed (${code ?? messageOf(cause)})`, { cause });
}

function certificateError({ host }: URL, problem: Problem, code: string | undefined, cause: unknown): RegistryError {
  const hints: Readonly<Record<Problem, string>> = {
    'is signed by an authority that is not trusted here':
      `if it is your company's, save the authority's certificate as /etc/docker/certs.d/${host}/ca.crt ` +
      `(or ~/.docker/certs.d/${host}/ca.crt), or set NODE_EXTRA_CA_CERTS to its file`,
    'has expired or is not valid yet': "whoever runs the registry must renew it; check this machine's clock, too",
    'is for another host': 'use the name that is in the certificate, or have one made for this name',
    'cannot be used': 'whoever runs the registry must replace it',
  };
  return new RegistryError('REGISTRY_CERTIFICATE', `the certificate of ${host} ${problem} (${String(code)})`, {
    cause,
    hint: hints[problem],
  });
}

type Problem =
  | 'is signed by an authority that is not trusted here'
  | 'has expired or is not valid yet'
  | 'is for another host'
  | 'cannot be used';

/** Node's names for OpenSSL's certificate errors (nodejs.org/api/tls.html, "X509 certificate error codes"). */
const certificateProblems: Readonly<Record<string, Problem>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by an authority that is not trusted here',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'is signed by an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is signed by an authority that is not trusted here',
  CERT_UNTRUSTED: 'is signed by an authority that is not trusted here',
  CERT_SIGNATURE_FAILURE: 'is signed by an authority that is not trusted here',
  CERT_HAS_EXPIRED: 'has expired or is not valid yet',
  CERT_NOT_YET_VALID: 'has expired or is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another host',
  HOSTNAME_MISMATCH: 'is for another host',
  CERT_CHAIN_TOO_LONG: 'cannot be used',
  CERT_REJECTED: 'cannot be used',
  CERT_REVOKED: 'cannot be used',
  INVALID_CA: 'cannot be used',
  INVALID_PURPOSE: 'cannot be used',
  PATH_LENGTH_EXCEEDED: 'cannot be used',
};
