import {
  AuthExpired,
  Conflict,
  ForbiddenError,
  RateLimited,
  RemoteRejected,
  type HubError,
} from '../../src/sdk/kernel.ts';
import type { WriteRequest, WriteResult } from '../../src/sdk/write.ts';
import { failureOf, type ItemFailure } from './collections.ts';
import { isAmbiguous } from './errors.ts';
import type { Refusal } from './field-forms.ts';
import type { SaveResult } from './schema.ts';

/** What will not be applied however often it is sent. */
export function reject(request: WriteRequest, { code, message, field }: Refusal): WriteResult {
  return { kind: 'rejected', externalId: request.externalId, code, message, field };
}

/**
 * What became of an item that Salesforce did not apply. A key that several records hold is not refused for good, and
 * nothing of it can come: reading back shows the records, and they are a conflict for a person.
 */
function failed(request: WriteRequest, failure: ItemFailure): WriteResult {
  const { code, message } = failure;
  if (isAmbiguous(code))
    return { kind: 'unknown', externalId: request.externalId, code, message, mayArrive: false };
  if (failure.retryable) return { kind: 'retry', externalId: request.externalId, code, message };
  return reject(request, failure);
}

/** What became of one item of a collection. */
export function savedOutcome(request: WriteRequest, saved: SaveResult): WriteResult {
  const failure = failureOf(saved);
  if (failure !== null) return failed(request, failure);
  const { externalId } = request;
  return { kind: 'applied', externalId, vendorId: saved.id ?? request.vendorId, warnings: [] };
}

/** True if surely nothing of the call was applied, and nothing of it is on its way. */
function isUnapplied(error: HubError): boolean {
  return (
    error instanceof AuthExpired ||
    error instanceof RateLimited ||
    error instanceof ForbiddenError ||
    error.details['sent'] === false
  );
}

/** A call that was refused as a whole has been answered: nothing of it comes any more. */
function mayArrive(error: HubError): boolean {
  return !isUnapplied(error) && !(error instanceof RemoteRejected) && !(error instanceof Conflict);
}

/** Surely nothing of it was applied; where the vendor asked us to wait, until when. */
export function retry({ externalId }: WriteRequest, error: HubError): WriteResult {
  const { code, message } = error;
  // A budget of our own that is spent was asked of nobody.
  const isVendors = error instanceof RateLimited && error.details['sent'] !== false;
  const at = isVendors ? error.retryAt?.toISOString() : undefined;
  return { kind: 'retry', externalId, code, message, ...(at === undefined ? {} : { retryAt: at }) };
}

export function unknown({ externalId }: WriteRequest, error: HubError): WriteResult {
  const { code, message } = error;
  return { kind: 'unknown', externalId, code, message, mayArrive: mayArrive(error) };
}

/** What a call that failed as a whole says about each of its records. */
export function failedCall(request: WriteRequest, error: HubError): WriteResult {
  return isUnapplied(error) ? retry(request, error) : unknown(request, error);
}

export function noOutcome({ externalId }: WriteRequest): WriteResult {
  const message = 'Salesforce named no outcome for this record.';
  return { kind: 'unknown', externalId, code: 'no_outcome', message, mayArrive: true };
}
