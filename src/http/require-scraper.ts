import { UnauthenticatedError } from '../kernel/errors.ts';
import { authenticate } from '../security/authenticate.ts';
import { requirePermission } from '../security/caller.ts';
import type { RawRequest } from './define-route.ts';
import type { HttpDeps } from './http-deps.ts';

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip'];

/**
 * Lets a collector on this machine read the figures without a key. One from elsewhere, or one that came through a
 * proxy, needs a key that may read the status. Throws UnauthenticatedError and ForbiddenError.
 */
export async function requireScraper(
  deps: Pick<HttpDeps, 'store'>,
  request: RawRequest,
): Promise<void> {
  const proxied = FORWARDED.some((name) => request.headers[name] !== undefined);
  if (!proxied && LOOPBACK.test(request.remoteAddress)) return;
  const { authorization } = request.headers;
  const [, token] =
    /^Bearer (\S{1,400})$/i.exec(typeof authorization === 'string' ? authorization : '') ?? [];
  if (token === undefined)
    throw new UnauthenticatedError('From another machine, metrics need an API key.');
  requirePermission(await authenticate(deps.store, token), 'status:read');
}
