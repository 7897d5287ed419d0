import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { ValidationError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import {
  acceptFinding,
  assignFinding,
  reopenFinding,
  startFinding,
} from '../../licensing/handle-finding.ts';
import type { SavedFinding } from '../../licensing/runs.ts';
import type { Caller } from '../../security/caller.ts';
import { getUser } from '../../security/users.ts';
import type { Deps } from '../deps.ts';

/** What a person does with a finding. That it is gone is said by the next reconciliation, never by a person. */
export type FindingStep =
  | { readonly do: 'assign'; readonly personId: string | null }
  | { readonly do: 'start' }
  | { readonly do: 'accept'; readonly reason: string; readonly until: string }
  | { readonly do: 'reopen' };

const PAST = {
  assign: 'assigned',
  start: 'started',
  accept: 'accepted',
  reopen: 'reopened',
} as const;

/**
 * Names who sees to a finding, begins with it, accepts it for a reason until a day, or opens it again; each is audited.
 * Throws NotFoundError, StaleError for one that is resolved, and ValidationError for a person who is disabled or a day that
 * does not serve.
 */
export function handleFinding(
  deps: Pick<Deps, 'store' | 'clock'>,
  caller: Caller,
  input: FindingStep & { readonly id: string },
): Promise<SavedFinding> {
  const today = deps.clock.today();
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const [finding, details] = await take(tx, { caller, today, input });
    await appendAudit(tx, {
      actor: caller.actor,
      action: `finding.${PAST[input.do]}`,
      subject: { type: 'finding', id: input.id },
      details,
    });
    return finding;
  });
}

interface Taken {
  readonly caller: Caller;
  readonly today: string;
  readonly input: FindingStep & { readonly id: string };
}

async function take(
  tx: TenantTx,
  { caller: { personId }, today, input }: Taken,
): Promise<readonly [SavedFinding, JsonObject]> {
  const { id } = input;
  switch (input.do) {
    case 'assign':
      if (input.personId !== null) await assertActive(tx, input.personId);
      return [await assignFinding(tx, id, input.personId), { owner: input.personId }];
    case 'start':
      return [await startFinding(tx, id, personId), {}];
    case 'accept': {
      const { reason, until } = input;
      const word = { by: personId, reason, until, today };
      return [await acceptFinding(tx, id, word), { reason, until }];
    }
    case 'reopen':
      return [await reopenFinding(tx, id, today), {}];
  }
}

async function assertActive(tx: TenantTx, personId: string): Promise<void> {
  const { status } = await getUser(tx, personId);
  if (status === 'active') return;
  throw new ValidationError(`${personId} is disabled and can see to nothing. Name somebody else.`);
}
