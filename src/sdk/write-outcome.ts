import {
  AuthExpired,
  Conflict,
  HubError,
  messageOf,
  RateLimited,
  RemoteRejected,
  ValidationError,
} from './kernel.ts';
import { CHANGED_SINCE_READ, type WriteRequest, type WriteResult } from './write.ts';

/** What an error of one call says about the request that it was made for. The call is over, or never left. */
export function outcomeOfFailure(
  { externalId }: Pick<WriteRequest, 'externalId'>,
  error: unknown,
): WriteResult {
  const message = messageOf(error);
  if (error instanceof RateLimited) {
    const { code, retryAt } = error;
    const when = retryAt === undefined ? {} : { retryAt: retryAt.toISOString() };
    return { kind: 'retry', externalId, code, message, ...when };
  }
  if (error instanceof AuthExpired) return { kind: 'retry', externalId, code: error.code, message };
  // The record is not as it was read: nothing was written, and the next try reads and decides anew.
  if (error instanceof Conflict)
    return { kind: 'retry', externalId, code: CHANGED_SINCE_READ, message };
  if (error instanceof RemoteRejected || error instanceof ValidationError) {
    const field = error instanceof RemoteRejected ? (error.field ?? null) : null;
    return { kind: 'rejected', externalId, code: error.code, message, field };
  }
  const details = error instanceof HubError ? error.details : {};
  const code = error instanceof HubError ? error.code : 'unexpected';
  if (details['sent'] === false) return { kind: 'retry', externalId, code, message };
  // With a status the vendor has answered, so nothing is on its way any more; what it did, reading back tells.
  return { kind: 'unknown', externalId, code, message, mayArrive: details['status'] === undefined };
}

/** A request that was not begun because of what an earlier one met: surely nothing of it was applied. */
export function notTried(
  { externalId }: Pick<WriteRequest, 'externalId'>,
  error: unknown,
): WriteResult {
  const code = error instanceof HubError ? error.code : 'not_begun';
  const retryAt = error instanceof RateLimited ? error.retryAt : undefined;
  const when = retryAt === undefined ? {} : { retryAt: retryAt.toISOString() };
  return { kind: 'retry', externalId, code, message: messageOf(error), ...when };
}

/**
 * Writes requests one by one for a vendor that takes one at a time. What asks us to slow down, or ends the login, ends the
 * batch; no request is begun once `timeoutMs` are over since the first.
 */
export async function writeEach(
  requests: readonly WriteRequest[],
  timeoutMs: number,
  write: (request: WriteRequest) => Promise<{ readonly warnings: readonly string[] }>,
): Promise<readonly WriteResult[]> {
  const ends = performance.now() + timeoutMs;
  const results: WriteResult[] = [];
  let stop: Error | null = null;
  for (const request of requests) {
    if (performance.now() >= ends) stop ??= new Error('the batch took too long');
    if (stop !== null) {
      results.push(notTried(request, stop));
      continue;
    }
    const { externalId, vendorId } = request;
    try {
      results.push({ kind: 'applied', externalId, vendorId, ...(await write(request)) });
    } catch (error) {
      results.push(outcomeOfFailure(request, error));
      if (error instanceof RateLimited || error instanceof AuthExpired) stop = error;
    }
  }
  return results;
}
