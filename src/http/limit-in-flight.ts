import type { RequestHandler } from 'express';
import { HubError } from '../kernel/errors.ts';
import { whenOver } from './when-over.ts';

/**
 * Lets so many requests of a route be under way in this process. One more is refused before its body is read, so that a
 * flood costs neither memory nor the store's connections: 429 with Retry-After. Nothing for a route without a limit.
 */
export function limitInFlight(most: number | undefined): readonly RequestHandler[] {
  if (most === undefined) return [];
  let underWay = 0;
  return [
    (_request, response, next) => {
      if (underWay >= most) {
        throw new HubError(
          'Too many requests are under way here. Send this one again in a second.',
          {
            status: 429,
            code: 'too_many_requests',
            retryable: true,
            details: { retryAfterSeconds: 1 },
          },
        );
      }
      underWay += 1;
      whenOver(response)(() => {
        underWay -= 1;
      });
      next();
    },
  ];
}
