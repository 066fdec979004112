/** What every request must pass before a route sees it. */
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';

/** Of a form: a reason, and a few short fields. */
const LARGEST_BODY = 64 * 1024;

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types sluice',
].join('; ');

/** The headers of every answer. */
export const secureHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  const { headers } = context.res;
  headers.set('Content-Security-Policy', CONTENT_SECURITY_POLICY);
  headers.set('X-Content-Type-Options', 'nosniff');
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  // With "no-referrer", browsers post our own forms with "Origin: null".
  headers.set('Referrer-Policy', 'same-origin');
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store');
};

/** Refuses requests for any other host name: a page of another site may have pointed its own name at this address. */
export function onlyHosts(hosts: readonly string[]): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header('host') ?? '';
    if (!hosts.includes(host))
      return context.text(`This dashboard does not answer for "${host.slice(0, 200)}".`, 403);
    return next();
  };
}

/** Refuses posts that do not come from a form of this dashboard, or are too large. */
export function onlyOwnForms(origins: readonly string[]): MiddlewareHandler {
  const limit = bodyLimit({
    maxSize: LARGEST_BODY,
    onError: (context) => context.text(`A form has at most ${LARGEST_BODY / 1024} kB.`, 413),
  });
  return async (context, next) => {
    if (context.req.method === 'GET' || context.req.method === 'HEAD') return next();
    if (context.req.method !== 'POST') return context.text('Only GET and POST are answered.', 405);
    // Ports of one host are the same site for cookies: only the exact origin will do.
    const origin = context.req.header('origin');
    const site = context.req.header('sec-fetch-site');
    if (origin === undefined || !origins.includes(origin) || (site !== undefined && site !== 'same-origin')) {
      return context.text(
        'This form was sent from another page. Open the dashboard itself and try again.',
        403,
      );
    }
    const type = context.req.header('content-type') ?? '';
    if (!/^application\/x-www-form-urlencoded(;|$)/i.test(type))
      return context.text('Only forms are accepted.', 415);
    return limit(context, next);
  };
}
