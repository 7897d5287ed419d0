import * as z from 'zod';
import { auditRefusedHook, receiveHook } from '../../app/flows/receive-hook.ts';
import { UnauthenticatedError } from '../../kernel/errors.ts';
import { definePublicRoute, protocolError, type RawRequest } from '../define-route.ts';
import { ConnectionParam, Slug } from '../fields.ts';
import { createRefusalLimit } from '../refusal-limit.ts';

const BODY_LIMIT = 256 * 1024;
/**
 * Refused pushes of one sender and minute that are told why and audited. A signed one always passes: behind a proxy
 * all senders look alike, and rubbish must not shut out the vendor.
 */
const REFUSALS_A_MINUTE = 10;

const refusals = createRefusalLimit(REFUSALS_A_MINUTE, () => performance.now());

export const routes = [
  definePublicRoute({
    method: 'post',
    path: '/hooks/{id}',
    summary:
      'Takes a vendor’s push, signed as Standard Webhooks asks; it makes the named record be read soon.',
    params: ConnectionParam,
    query: z.strictObject({ tenant: Slug.default('default') }),
    rawBodyLimit: BODY_LIMIT,
    status: 202,
    response: z.object({ status: z.enum(['accepted', 'duplicate']), runId: z.string().nullable() }),
    handle: async ({ deps, params, query, request, reply }) => {
      const where = { tenantId: query.tenant, connection: params.id };
      try {
        const receipt = await receiveHook(deps, { ...where, push: pushOf(request) });
        if (receipt.status === 'duplicate') reply.status = 200;
        return receipt;
      } catch (error) {
        if (!(error instanceof UnauthenticatedError)) throw error;
        if (refusals.isReached(request.remoteAddress)) {
          throw protocolError(
            429,
            'too_many_requests',
            'Too many refused pushes. Try again in a minute.',
          );
        }
        refusals.count(request.remoteAddress);
        await auditRefusedHook(deps, { ...where, remote: request.remoteAddress });
        throw error;
      }
    },
  }),
];

function pushOf(request: RawRequest) {
  const header = (name: string): string => {
    const value = request.headers[name];
    return typeof value === 'string' && value.length <= 2000 ? value : '';
  };
  const id = header('webhook-id');
  if (!/^[\x21-\x7e]{1,200}$/.test(id)) {
    throw new UnauthenticatedError(
      'A push carries webhook-id, webhook-timestamp and webhook-signature (Standard Webhooks).',
    );
  }
  return {
    id,
    timestamp: header('webhook-timestamp'),
    signature: header('webhook-signature'),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  };
}
