import { invalidInput } from './errors.ts';
import { fetchLimited } from './fetch-limited.ts';
import { publicAgent, refusal } from './public-agent.ts';

const MAX_REDIRECTS = 3;

/**
 * Fetches an image from a caller's URL. The caller is not trusted: only http and https, no address that is private,
 * loopback, link-local or otherwise not public (checked on the address that DNS gave, at every redirect), at most
 * `MAX_FILE` bytes, three redirects and ten seconds.
 *
 * @param allowHosts hosts that may have private addresses
 */
export async function fetchImage(address: string, allowHosts: ReadonlySet<string>): Promise<Buffer> {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw invalidInput({ image_url: `${address.slice(0, 200)} is not an http or https URL without credentials` });
  }
  return fetchLimited(
    url,
    url.href,
    {
      agent: (target) => (allowHosts.has(target.hostname.toLowerCase()) ? undefined : publicAgent(target)),
      follow: MAX_REDIRECTS,
      headers: { accept: 'image/png, image/jpeg, image/webp, image/avif, image/bmp, image/gif' },
    },
    (reason) =>
      invalidInput({
        image_url: reason.endsWith(refusal) ? `${url.href} leads to an address that is not public` : reason,
      }),
  );
}
