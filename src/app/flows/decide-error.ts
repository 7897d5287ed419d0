import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { causeOfWrite } from '../../delivery/write-groups.ts';
import {
  assignError,
  decisionsOn,
  heedError,
  ignoreError,
  type ErrorDecision,
} from '../../intake/error-decisions.ts';
import { causeOfRecord } from '../../intake/quarantine-groups.ts';
import { NotFoundError, StaleError, ValidationError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { Caller } from '../../security/caller.ts';
import { getUser } from '../../security/users.ts';
import type { Deps } from '../deps.ts';
import { errorGroup } from '../error-groups.ts';
import { errorKind } from '../error-kind.ts';

/** What a person says of a cause, a record or a write that waits. */
export type ErrorWord =
  /** Leave it alone until then; it is back by itself. */
  | { readonly do: 'ignore'; readonly reason: string; readonly until: Date }
  | { readonly do: 'heed' }
  /** Null: nobody is named for it. */
  | { readonly do: 'assign'; readonly personId: string | null };

const LONGEST_DAYS = 366;
const DAY_MS = 86_400_000;

/**
 * Leaves something alone until a time, takes that back, or names who looks after it. Nothing is changed of what waits:
 * it stays in the figures of its cause, and what else comes for an ignored cause is left alone with it. Throws
 * NotFoundError for what does not wait, ValidationError for a time that is past or more than 366 days away or a person who
 * is disabled, and StaleError for what is not ignored.
 */
export function decideError(
  deps: Pick<Deps, 'store' | 'mappings'>,
  caller: Caller,
  input: ErrorWord & { readonly id: string },
): Promise<ErrorDecision> {
  const { id } = input;
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await requireWaiting(deps, tx, id);
    const details = await keep(tx, caller, input);
    await appendAudit(tx, {
      actor: caller.actor,
      action: `error.${PAST[input.do]}`,
      subject: { type: 'error', id },
      details,
    });
    const decision = (await decisionsOn(tx, [id])).get(id);
    return decision ?? { subject: id, owner: null, ignored: null };
  });
}

const PAST = { ignore: 'ignored', heed: 'heeded', assign: 'assigned' } as const;

async function keep(
  tx: TenantTx,
  caller: Caller,
  input: ErrorWord & { readonly id: string },
): Promise<JsonObject> {
  const { id } = input;
  switch (input.do) {
    case 'ignore': {
      const until = await checkedUntil(tx, input.until);
      const reason = input.reason.trim();
      if (reason === '') throw new ValidationError('Say why it is left alone.');
      await ignoreError(tx, id, { until, reason, by: caller.actor });
      return { reason, until: until.toISOString() };
    }
    case 'heed':
      if (!(await heedError(tx, id))) throw new StaleError(`${id} is not ignored.`);
      return {};
    case 'assign': {
      if (input.personId !== null) {
        const { status, name } = await getUser(tx, input.personId);
        if (status === 'disabled')
          throw new ValidationError(`${name} is disabled and cannot look after anything.`);
      }
      await assignError(tx, id, input.personId);
      return { person: input.personId };
    }
  }
}

async function checkedUntil(tx: TenantTx, until: Date): Promise<Date> {
  const ahead = until.getTime() - (await tx.clock()).getTime();
  if (ahead > 0 && ahead <= LONGEST_DAYS * DAY_MS) return until;
  throw new ValidationError(
    `An error is ignored until a time to come, at most ${LONGEST_DAYS} days away; ${until.toISOString()} is not.`,
  );
}

async function requireWaiting(
  deps: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  id: string,
): Promise<void> {
  const kind = errorKind(id);
  if (kind === 'cause') return void (await errorGroup(deps, tx, id));
  const cause = kind === 'record' ? await causeOfRecord(tx, id) : await causeOfWrite(tx, id);
  if (cause !== null) return;
  throw new NotFoundError(
    `Nothing named "${id}" waits for a person. \`trueup errors list\` shows what does.`,
  );
}
