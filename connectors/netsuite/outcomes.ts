import {
  AuthExpired,
  Conflict,
  ForbiddenError,
  HubError,
  messageOf,
  RateLimited,
  RemoteRejected,
  RemoteUnavailable,
  ValidationError,
} from '../../src/sdk/kernel.ts';
import { CHANGED_SINCE_READ, type WriteRequest, type WriteResult } from '../../src/sdk/write.ts';
import { wasNeverSent, type Answer } from './errors.ts';

function warningsOf(answer: Answer): readonly string[] {
  const header = answer.headers['x-netsuite-warning'];
  if (Array.isArray(header)) return header.map(String);
  return typeof header === 'string' && header !== '' ? [header] : [];
}

function vendorIdOf(answer: Answer): string | null {
  const { location } = answer.headers;
  return typeof location === 'string'
    ? (/\/(-?\d+)\/?(?:\?.*)?$/.exec(location)?.[1] ?? null)
    : null;
}

/** What a 2xx answer says about its request. */
export function applied({ externalId, vendorId }: WriteRequest, answer: Answer): WriteResult {
  return { kind: 'applied', externalId, vendorId: vendorIdOf(answer) ?? vendorId, warnings: warningsOf(answer) }; // prettier-ignore
}

function codeOf(error: HubError): string {
  const code = error.details['vendorCode'];
  return typeof code === 'string' && !(error instanceof AuthExpired) ? code : error.code;
}

/** Surely nothing of it was applied; where the vendor asked us to wait, until when. */
export function retry(error: unknown, externalId: string): WriteResult {
  const own = error instanceof RemoteUnavailable ? error.code : 'unexpected';
  const code = error instanceof HubError && own === 'unexpected' ? codeOf(error) : own;
  // A budget of our own that is spent was asked of nobody.
  const isVendors = error instanceof RateLimited && error.details['sent'] !== false;
  const at = isVendors ? error.retryAt?.toISOString() : undefined;
  return { kind: 'retry', externalId, code, message: messageOf(error), ...(at === undefined ? {} : { retryAt: at }) }; // prettier-ignore
}

/** Somebody else saved the record after it was read. */
export function changed({ externalId }: WriteRequest): WriteResult {
  const message = `${externalId} was changed by somebody after it was read, so nothing was written. It is read and decided again.`;
  return { kind: 'retry', externalId, code: CHANGED_SINCE_READ, message };
}

/** Two saves of one record met, and ours was not taken. */
const OVERTAKEN = new Set(['RCRD_HAS_BEEN_CHANGED', 'RECORD_HAS_BEEN_CHANGED']);
/** Another call of ours is making the very record: reading back shows it. */
const MADE_MEANWHILE = new Set(['DUP_RCRD', 'DUP_EXTERNAL_ID']);

/** What NetSuite, or a look at the request itself, has against it; null where the failure says no such thing. */
export function refusalOf(error: unknown, externalId: string): WriteResult | null {
  if (!(error instanceof RemoteRejected || error instanceof Conflict || error instanceof ValidationError)) return null; // prettier-ignore
  const [code, { message }] = [codeOf(error), error];
  if (OVERTAKEN.has(code)) return { kind: 'retry', externalId, code: CHANGED_SINCE_READ, message };
  if (MADE_MEANWHILE.has(code))
    return { kind: 'unknown', externalId, code, message, mayArrive: false };
  const field = error instanceof RemoteRejected ? (error.field ?? null) : null;
  return { kind: 'rejected', externalId, code, message, field };
}

/**
 * What a failed write call says about its request. NetSuite applies nothing of a call that it answers with 401 or 429,
 * nor our own guard of one that it does not let out. After any other failure nobody knows.
 */
export function outcomeOf(error: unknown, externalId: string): WriteResult {
  const refusal = refusalOf(error, externalId);
  if (refusal !== null) return refusal;
  const isUnapplied =
    error instanceof AuthExpired ||
    error instanceof RateLimited ||
    error instanceof ForbiddenError ||
    wasNeverSent(error);
  if (isUnapplied) return retry(error, externalId);
  const code = error instanceof HubError ? codeOf(error) : 'unexpected';
  return { kind: 'unknown', externalId, code, message: messageOf(error), mayArrive: true };
}
