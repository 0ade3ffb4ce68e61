/** The headers of every reply to a page. */
export function securityHeaders(policy: string): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': `${policy}; frame-ancestors 'none'`,
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  };
}

/** Everything comes from the page's own host, and nothing else is called. */
export const gatewayPolicy = contentSecurityPolicy({ connect: [], images: [] });

/**
 * The Azure example's page calls a function app and SignalR on other hosts, and shows the images that messages name.
 * `http:` and `ws:` are for those on this machine: browsers refuse them on pages that came by HTTPS.
 */
export const azurePolicy = contentSecurityPolicy({
  connect: ['https:', 'wss:', 'http:', 'ws:'],
  images: ['https:', 'http:'],
});

/** Without `frame-ancestors`, which browsers accept in a header only. */
function contentSecurityPolicy(others: { connect: readonly string[]; images: readonly string[] }): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    ["connect-src 'self'", ...others.connect].join(' '),
    ["img-src 'self' blob: data:", ...others.images].join(' '),
    'media-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
