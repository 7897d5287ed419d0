import { appendAudit } from '../../audit/audit-log.ts';
import {
  countEditsOf,
  editIntent,
  editsIn,
  listEdits as list,
  type IntentEdit,
} from '../../delivery/edit-intent.ts';
import { getIntent, type Intent } from '../../delivery/intents.ts';
import { ValidationError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/hash.ts';
import { requirePermission, type Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { errorKind } from '../error-kind.ts';
import { deliverWork, request } from '../request.ts';

/** A row of a mapping that a person had to correct by hand, and on how many records that has happened. */
export interface MappingCandidate {
  readonly mappingId: string;
  readonly version: number;
  readonly field: string;
  readonly records: number;
}

export interface Edited {
  /** What will be sent. */
  readonly intent: Intent;
  readonly edits: readonly IntentEdit[];
  readonly candidates: readonly MappingCandidate[];
}

/**
 * Sends a refused write, or one in conflict, with values that a person set by hand, as the next revision of its record.
 * Who, why and what was there before are kept and shown by `trace`; the rows of the mapping that gave those values are
 * named, because the next record meets the same. Of a write that a plan asked for, only who may approve plans may change
 * what was approved. Throws NotFoundError, ForbiddenError, StaleError and ValidationError.
 */
export function editAndRetry(
  deps: Pick<Deps, 'store' | 'queue'>,
  caller: Caller,
  input: {
    readonly id: string;
    readonly fields: Readonly<Record<string, Json>>;
    readonly reason: string;
  },
): Promise<Edited> {
  const reason = input.reason.trim();
  if (reason === '') throw new ValidationError('Say why the value is set by hand.');
  if (errorKind(input.id) !== 'write') {
    throw new ValidationError(
      'Only writes to other systems carry values that can be set by hand. What came in is mended at its source, or by its mapping.',
    );
  }
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const before = await getIntent(tx, input.id);
    if (before.planId !== null) requirePermission(caller, 'plans:approve');
    const intent = await editIntent(tx, { ...input, reason, person: caller.actor });
    const edits = await editsIn(tx, [intent.id]);
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'intent.edited',
      subject: { type: 'intent', id: input.id },
      details: {
        sends: intent.id,
        connection: intent.connection,
        object: intent.object,
        fields: edits.map(({ field }) => field),
        reason,
        plan: intent.planId,
      },
    });
    await request(deps, tx, [deliverWork(intent)]);
    const candidates: MappingCandidate[] = [];
    for (const { mappingId, mappingVersion, field } of edits) {
      if (mappingId === null || mappingVersion === null) continue;
      const records = await countEditsOf(tx, mappingId, field);
      candidates.push({ mappingId, version: mappingVersion, field, records });
    }
    return { intent, edits, candidates };
  });
}

/** Fields that were set by hand, newest first. */
export function listEdits(
  deps: Pick<Deps, 'store'>,
  caller: Caller,
  filter: {
    readonly mappingId?: string | undefined;
    readonly limit: number;
    readonly offset: number;
  },
): Promise<readonly IntentEdit[]> {
  return deps.store.readTenant(caller.tenantId, (tx) => list(tx, filter));
}
