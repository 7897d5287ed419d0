import * as z from 'zod';
import type { Exception } from '../canonical/exception.ts';
import type { TenantTx } from '../db/store.ts';
import type { LocalDate } from '../kernel/dates.ts';
import { ForbiddenError, NotFoundError, StaleError, ValidationError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Quantity } from '../kernel/quantity.ts';
import { requireSound, type ExceptionRequest } from './exception-request.ts';
import { resolveAbout } from './finding-store.ts';

/** `expired`: approved, and its end has come. */
export const ExceptionStatus = z.enum(['requested', 'approved', 'declined', 'ended', 'expired']);
export type ExceptionStatus = z.infer<typeof ExceptionStatus>;

/** An exception from its request to its end. */
export interface LicenceException extends ExceptionRequest {
  readonly id: string;
  readonly status: ExceptionStatus;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly reason: string | null;
  /** From when it excludes: never before the day of its approval. Null while it is not approved. */
  readonly effectiveFrom: LocalDate | null;
  readonly endedBy: string | null;
  readonly endedAt: Date | null;
  readonly endedOn: LocalDate | null;
  readonly endReason: string | null;
}

const COLUMNS = `e.id, e.kind, e.owner_ref as owner, e.sku_code as sku, e.subject_refs as subjects,
  trim_scale(e.quantity_cap)::text as "quantityCap", e.rationale, e.fallback_control as "fallbackControl",
  e.valid_from::text as "validFrom", e.valid_to::text as "validTo", e.requested_by as "requestedBy",
  e.requested_at as "requestedAt", e.decided_by as "decidedBy", e.decided_at as "decidedAt", e.reason,
  e.effective_from::text as "effectiveFrom", e.ended_by as "endedBy", e.ended_at as "endedAt",
  e.ended_on::text as "endedOn", e.end_reason as "endReason"`;

/** The state on a day; `$1` is the day. */
const STATUS = `case when e.status = 'approved' and e.valid_to <= $1::date then 'expired' else e.status end`;

/** Keeps a request. Throws ValidationError. */
export async function requestException(
  tx: TenantTx,
  wanted: ExceptionRequest,
  by: { readonly personId: string; readonly today: LocalDate },
): Promise<LicenceException> {
  requireSound(wanted, by.today);
  const id = newId('exc');
  await tx.run(
    `insert into licence_exception (tenant_id, id, kind, owner_ref, sku_code, subject_refs, quantity_cap, rationale,
       fallback_control, valid_from, valid_to, requested_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      tx.tenantId,
      id,
      wanted.kind,
      wanted.owner,
      wanted.sku,
      [...new Set(wanted.subjects)].toSorted(),
      wanted.quantityCap,
      wanted.rationale,
      wanted.fallbackControl,
      wanted.validFrom,
      wanted.validTo,
      by.personId,
    ],
  );
  return getException(tx, id, by.today);
}

/** One exception as it stands on a day, locked if something is to be done with it. Throws NotFoundError. */
export async function getException(
  tx: TenantTx,
  id: string,
  today: LocalDate,
  lock: '' | 'for update' = '',
): Promise<LicenceException> {
  const [row] = await tx.sql<LicenceException>(
    `select ${COLUMNS}, ${STATUS} as status from licence_exception e where e.id = $2 ${lock}`,
    [today, id],
  );
  if (row !== undefined) return row;
  throw new NotFoundError(
    `There is no exception "${id}". \`trueup exceptions list\` shows those there are.`,
  );
}

/** Exceptions as they stand on a day, newest first. */
export function listExceptions(
  tx: TenantTx,
  today: LocalDate,
  filter: {
    readonly status?: ExceptionStatus | undefined;
    readonly sku?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly LicenceException[]> {
  return tx.sql<LicenceException>(
    `select ${COLUMNS}, ${STATUS} as status from licence_exception e
     where ($2::text is null or ${STATUS} = $2) and ($3::text is null or e.sku_code = $3)
       and ($4::text is null or e.id < $4)
     order by e.id desc limit $5`,
    [today, filter.status ?? null, filter.sku ?? null, filter.before ?? null, filter.limit],
  );
}

/**
 * Approves or declines a request. Throws ForbiddenError for whoever asked for it, StaleError for one that does not wait, and
 * ValidationError for an approval that comes when it is over. An approval does not reach back: it excludes from its own day on.
 */
export async function decideException(
  tx: TenantTx,
  id: string,
  decision: {
    readonly status: 'approved' | 'declined';
    readonly reason: string | null;
    readonly personId: string;
    readonly personName: string;
    readonly today: LocalDate;
  },
): Promise<LicenceException> {
  const { status, reason, personId, today } = decision;
  const asked = await getException(tx, id, today, 'for update');
  if (asked.status !== 'requested')
    throw new StaleError(`The exception ${id} is ${asked.status} already. Nothing was changed.`);
  if (asked.requestedBy === personId)
    throw new ForbiddenError(
      `${decision.personName} asked for the exception ${id}. Somebody else has to decide; it can be taken back with \`trueup exceptions end ${id}\`.`,
    );
  if (status === 'approved' && asked.validTo <= today)
    throw new ValidationError(
      `The exception ${id} was to end before ${asked.validTo}, and today is ${today}. Decline it, and ask for another one.`,
    );
  const from = asked.validFrom > today ? asked.validFrom : today;
  await tx.run(
    `update licence_exception set status = $2, decided_by = $3, decided_at = app.clock(), reason = $4, effective_from = $5
     where id = $1`,
    [id, status, personId, reason, status === 'approved' ? from : null],
  );
  return getException(tx, id, today);
}

/** Ends an exception from today on, with the reminder of its end, or takes a request back. Throws StaleError for one that is over. */
export async function endException(
  tx: TenantTx,
  id: string,
  end: { readonly reason: string; readonly personId: string; readonly today: LocalDate },
): Promise<LicenceException> {
  const { status } = await getException(tx, id, end.today, 'for update');
  if (status !== 'requested' && status !== 'approved')
    throw new StaleError(`The exception ${id} is ${status} already. Nothing was changed.`);
  await tx.run(
    `update licence_exception set status = 'ended', ended_by = $2, ended_at = app.clock(), ended_on = $3, end_reason = $4
     where id = $1`,
    [id, end.personId, end.today, end.reason],
  );
  await resolveAbout(tx, 'expiring_exception', { type: 'Exception', id });
  return getException(tx, id, end.today);
}

/**
 * What an exception is for reconciliations: in force from its approval to its end. Null for one that is not approved, or that
 * ended before its first day.
 */
export function exceptionFactOf(row: LicenceException): Exception | null {
  const { effectiveFrom, decidedBy, endedOn } = row;
  if (effectiveFrom === null || decidedBy === null) return null;
  const validTo = endedOn !== null && endedOn < row.validTo ? endedOn : row.validTo;
  return validTo <= effectiveFrom ? null : asFact(row, decidedBy, effectiveFrom, validTo);
}

/** What a request would be if it were approved on a day, by anybody. */
export function exceptionAsApproved(row: LicenceException, on: LocalDate): Exception {
  return asFact(row, row.decidedBy ?? 'nobody', on, row.validTo);
}

function asFact(
  row: LicenceException,
  approver: string,
  validFrom: LocalDate,
  validTo: LocalDate,
): Exception {
  const cap: Quantity | null = row.quantityCap;
  return {
    externalRef: row.id,
    kind: row.kind,
    ownerRef: row.owner,
    ...(row.sku === null ? {} : { skuCode: row.sku }),
    subjectRefs: [...row.subjects],
    ...(cap === null ? {} : { quantityCap: cap }),
    rationale: row.rationale,
    requesterRef: row.requestedBy,
    approverRefs: [approver],
    ...(row.fallbackControl === null ? {} : { fallbackControl: row.fallbackControl }),
    status: 'approved',
    validFrom,
    validTo,
  };
}
