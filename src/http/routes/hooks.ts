import * as z from 'zod';
import { auditRefusedHook, receiveHook, receiveVendorPush, requireHookToken } from '../../app/flows/receive-hook.ts'; // prettier-ignore
import { ForbiddenError, UnauthenticatedError } from '../../kernel/errors.ts';
import {
  definePublicRoute,
  protocolError,
  type HttpDeps,
  type RawRequest,
} from '../define-route.ts';
import { ConnectionParam, Slug } from '../fields.ts';
import { createRefusalLimit } from '../refusal-limit.ts';

const BODY_LIMIT = 256 * 1024;
/** A hundred notifications with the fields that an administrator chose. */
const MESSAGE_LIMIT = 2 * 1024 * 1024;
/** Bodies are read into memory, a signed one before anything can be known of its sender: 50 MB at most of each kind. */
const MOST_SIGNED = 200;
const MOST_MESSAGES = 25;
/**
 * Refused pushes of one sender and minute that are told why and audited. A signed one always passes: behind a proxy
 * all senders look alike, and rubbish must not shut out the vendor.
 */
const REFUSALS_A_MINUTE = 10;

const refusals = createRefusalLimit(REFUSALS_A_MINUTE, () => performance.now());
const Company = z.strictObject({ tenant: Slug.default('default') });
/** A secret: it is shown in no log and no answer. */
const AddressParam = ConnectionParam.extend({ token: z.string().min(1).max(200) });

interface Where {
  readonly tenantId: string;
  readonly connection: string;
}

export const routes = [
  definePublicRoute({
    method: 'post',
    path: '/hooks/{id}',
    summary:
      'Takes a vendor’s push, signed as Standard Webhooks asks; it makes the named record be read soon.',
    params: ConnectionParam,
    query: Company,
    rawBodyLimit: BODY_LIMIT,
    mostInFlight: MOST_SIGNED,
    status: 202,
    response: z.object({ status: z.enum(['accepted', 'duplicate']), runId: z.string().nullable() }),
    handle: async ({ deps, params, query, request, reply }) => {
      const where = { tenantId: query.tenant, connection: params.id };
      const receipt = await counted(deps, where, request, () =>
        receiveHook(deps, { ...where, push: pushOf(request) }),
      );
      if (receipt.status === 'duplicate') reply.status = 200;
      return receipt;
    },
  }),
  definePublicRoute({
    method: 'post',
    path: '/hooks/{id}/{token}',
    summary:
      'Takes a push in the vendor’s own form, such as Salesforce’s Outbound Messages; the last part of the address is a secret.',
    params: AddressParam,
    query: Company,
    rawBodyLimit: MESSAGE_LIMIT,
    mostInFlight: MOST_MESSAGES,
    admit,
    status: 200,
    text: 'text/xml',
    response: z.string(),
    handle: async ({ deps, params, query, request }) => {
      const where = { tenantId: query.tenant, connection: params.id };
      const { acknowledgement } = await counted(deps, where, request, () =>
        receiveVendorPush(deps, { ...where, token: params.token, body: bodyOf(request) }),
      );
      return acknowledgement;
    },
  }),
];

/** Whoever does not know the address is refused before a byte of the body is read. */
async function admit(deps: HttpDeps, request: RawRequest): Promise<void> {
  const params = AddressParam.safeParse(request.params);
  const query = Company.safeParse(request.query);
  if (!params.success || !query.success) {
    throw new UnauthenticatedError('There is nobody at this address to take a push.');
  }
  const where = { tenantId: query.data.tenant, connection: params.data.id };
  await counted(deps, where, request, () =>
    requireHookToken(deps, { ...where, token: params.data.token }),
  );
}

/** Takes a push; one that is refused is audited and counted against its sender. */
async function counted<T>(
  deps: HttpDeps,
  where: Where,
  request: RawRequest,
  take: () => Promise<T>,
): Promise<T> {
  try {
    return await take();
  } catch (error) {
    const isRefusal = error instanceof UnauthenticatedError || error instanceof ForbiddenError;
    if (!isRefusal) throw error;
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
}

function bodyOf(request: RawRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

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
    body: bodyOf(request),
  };
}
