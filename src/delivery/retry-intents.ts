import type { TenantTx } from '../db/store.ts';
import { isIgnored, isIgnoredAlone } from '../intake/error-decisions.ts';
import { StaleError } from '../kernel/errors.ts';
import { intentIdOf } from '../kernel/ids.ts';
import type { Target } from './target.ts';
import { getIntent, type Intent } from './intents.ts';
import { BEGUN_PLANS } from './plans.ts';
import { READ_REFUSED } from './settle-intents.ts';

/** In SQL, of an intent `i`: something later stands for the same record, a later revision or a later plan about the same subject. */
export const OVERTAKEN = `(exists (select from intent later where later.tenant_id = i.tenant_id
    and later.connection = i.connection and later.object = i.object and later.external_id = i.external_id
    and later.revision > i.revision)
  or exists (select from plan own join plan later on later.tenant_id = own.tenant_id and later.subject = own.subject
    and later.id > own.id and later.status in ${BEGUN_PLANS}
    where own.tenant_id = i.tenant_id and own.id = i.plan_id))`;

const PLAN_AGAIN = `state = 'PLANNED', attempts = 0, error = null, settled_at = null, not_before = app.clock()`;

/**
 * A person's "try again". What the vendor refused is planned again under its own id: nothing of it was applied. A
 * conflict is planned as the next revision, because the record carries another value than ours: our values are
 * written over it. Returns the intent that will be sent. Throws NotFoundError, and StaleError when the intent waits for
 * nobody or something later stands for the same record.
 */
export async function retryIntent(tx: TenantTx, id: string): Promise<Intent> {
  const intent = await getIntent(tx, id);
  if (intent.state !== 'QUARANTINED' && intent.state !== 'CONFLICT') {
    throw new StaleError(
      `Intent ${id} is ${intent.state}; only QUARANTINED and CONFLICT ones wait for a person. The others go on by themselves.`,
    );
  }
  const changed =
    intent.state === 'QUARANTINED'
      ? await tx.run(
          `update intent i set ${PLAN_AGAIN} where i.id = $1 and i.state = 'QUARANTINED' and not ${OVERTAKEN}`,
          [id],
        )
      : await tx.run(
          `update intent i set state = 'SUPERSEDED', settled_at = app.clock(), fence = i.fence + 1
           where i.id = $1 and i.state = 'CONFLICT' and not ${OVERTAKEN}`,
          [id],
        );
  if (changed === 0) {
    throw new StaleError(
      `Intent ${id} was overtaken by a later change of ${intent.object} ${intent.externalId}. Look at \`trueup intents list\` and try that one.`,
    );
  }
  if (intent.state === 'QUARANTINED') return getIntent(tx, id);
  return getIntent(tx, await nextRevision(tx, intent));
}

/**
 * The next revision of a record with the same values, all of them decided. What is brought back only where it was left alone
 * since stays so, and what a hold that is open keeps back stays in it.
 */
async function nextRevision(tx: TenantTx, { id, externalId, revision }: Intent): Promise<string> {
  const next = intentIdOf(externalId, revision + 1);
  await tx.run(
    `insert into intent (tenant_id, id, connection, object, external_id, revision, canonical_id, vendor_id, payload,
       payload_hash, plan_id, mapping, overrule, stands_for, expects, change_id, about, after_external_id, hold_id, held_back)
     select i.tenant_id, $2, i.connection, i.object, i.external_id, i.revision + 1, i.canonical_id, i.vendor_id,
       i.payload, i.payload_hash, i.plan_id, i.mapping, '{"*": "ours"}', i.stands_for, i.expects, i.change_id, i.about, i.after_external_id, h.id, h.id is not null
     from intent i left join write_hold h on h.tenant_id = i.tenant_id and h.id = i.hold_id and h.status = 'open' where i.id = $1`,
    [id, next],
  );
  return next;
}

/**
 * Plans again what a vendor refused, save what was overtaken: all of one cause, or all that nobody has left alone.
 * Conflicts stay: each needs its own look.
 */
export async function retryRefused(
  tx: TenantTx,
  cause?: string,
): Promise<{ readonly intents: number; readonly targets: readonly Target[] }> {
  const rows = await tx.sql<Target>(
    `update intent i set ${PLAN_AGAIN} where i.state = 'QUARANTINED' and not ${OVERTAKEN}
       and ($1::text is null or i.cause = $1)
       and case when $1 is null then not ${isIgnored('i')} else not ${isIgnoredAlone('i')} end
     returning i.connection, i.object`,
    [cause ?? null],
  );
  return { intents: rows.length, targets: targetsOf(rows) };
}

/** Plans again what a vendor refused of one plan, save what was overtaken. */
export async function retryRefusedOf(
  tx: TenantTx,
  planId: string,
): Promise<readonly (Target & { readonly id: string })[]> {
  return tx.sql<Target & { readonly id: string }>(
    `update intent i set ${PLAN_AGAIN} where i.state = 'QUARANTINED' and i.plan_id = $1 and not ${OVERTAKEN}
     returning i.id, i.connection, i.object`,
    [planId],
  );
}

/**
 * Asks the other system now what became of writes of one cause that are unknown, or what it refused to show; nothing is sent
 * again for it.
 */
export async function askAboutUnknown(
  tx: TenantTx,
  cause: string,
): Promise<{ readonly intents: number; readonly targets: readonly Target[] }> {
  const rows = await tx.sql<Target>(
    `update intent i set not_before = app.clock() where i.cause = $1 and (i.state = 'UNKNOWN' or i.error ->> 'code' = $2)
     returning i.connection, i.object`,
    [cause, READ_REFUSED],
  );
  return { intents: rows.length, targets: targetsOf(rows) };
}

function targetsOf(rows: readonly Target[]): readonly Target[] {
  return [...new Map(rows.map((row) => [`${row.connection}/${row.object}`, row])).values()];
}
