import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import type { Effect, MappingRef } from '../delivery/effect.ts';
import { openHold, type RunCount, type WriteSource } from '../delivery/write-holds.ts';
import { externalIdOf } from '../kernel/ids.ts';
import { subtractMoney, type Money } from '../kernel/money.ts';
import { hashJson } from '../kernel/hash.ts';
import type { WriteLimits } from './company-settings.ts';
import { sumByCurrency } from './money-at-stake.ts';

/** An effect that would be written, as a new record or as a change of one that is there. */
export interface CountedEffect {
  readonly effect: Effect;
  readonly externalId: string;
  /** `new`: nothing of ours was written of the record. `same`: it would make no intent. */
  readonly does: 'new' | 'changes' | 'same';
}

interface Latest {
  readonly externalId: string;
  readonly hash: string;
  readonly mapping: MappingRef | null;
  readonly sent: boolean;
}

/**
 * What each effect of a run would do. What a reconciliation shows of every customer, and the status of a deal, change with every run: there only
 * what another version of a mapping writes than before is a change that a mistake could hide in.
 */
export async function countEffects(
  tx: TenantTx,
  source: WriteSource,
  effects: readonly Effect[],
): Promise<readonly CountedEffect[]> {
  const keyed = effects.map((effect) => ({ effect, externalId: externalIdOf({ tenantId: tx.tenantId, ...effect }) })); // prettier-ignore
  const rows = await tx.sql<Latest>(
    `select distinct on (i.external_id) i.external_id as "externalId", i.payload_hash as hash, i.mapping,
       exists (select from intent s where s.tenant_id = i.tenant_id and s.external_id = i.external_id and s.sent_at is not null) as sent
     from intent i where i.external_id = any($1) order by i.external_id, i.revision desc`,
    [keyed.map(({ externalId }) => externalId)],
  );
  const latest = new Map(rows.map((row) => [row.externalId, row]));
  return keyed.map(({ effect, externalId }) => {
    const before = latest.get(externalId);
    if (before === undefined) return { effect, externalId, does: 'new' };
    const hash = hashJson({ fields: effect.fields, vendorId: effect.vendorId });
    const isUsual = ['reconciliation', 'statuses'].includes(source) && before.mapping?.version === effect.mapping?.version; // prettier-ignore
    if (before.hash === hash || isUsual) return { effect, externalId, does: 'same' };
    return { effect, externalId, does: before.sent ? 'changes' : 'new' };
  });
}

/** What a run would do in sum, and how many records we wrote of the objects that it would change. */
export async function sumOf(tx: TenantTx, counted: readonly CountedEffect[]): Promise<RunCount> {
  const changing = counted.filter(({ does }) => does === 'changes');
  const targets = new Set(changing.map(({ effect }) => `${effect.connection}/${effect.object}`));
  const [row] = await tx.sql<{ standing: number }>(
    `select count(distinct i.external_id)::int as standing from intent i
     where i.connection || '/' || i.object = any($1) and i.sent_at is not null and i.state <> 'QUARANTINED'`,
    [[...targets]],
  );
  const worths = counted
    .filter(({ does }) => does !== 'same')
    .flatMap(({ effect }) => effect.about?.worth ?? []);
  return {
    changed: changing.length,
    standing: row?.standing ?? 0,
    made: counted.filter(({ does }) => does === 'new').length,
    money: sumByCurrency(worths),
  };
}

/** Which caps a run is over, in words; none where it may go. Pure. */
export function overCaps(
  { changed, standing, made, money }: RunCount,
  limits: WriteLimits,
): readonly string[] {
  const most = Math.max(limits.records, Math.floor((standing * limits.percent) / 100));
  const isOver = (sum: Money): boolean => {
    const cap = limits.money.find(({ currency }) => currency === sum.currency);
    return cap !== undefined && subtractMoney(cap, sum).amount.startsWith('-');
  };
  return [
    ...(changed > most
      ? [`${changed} records of ${standing} would be changed; ${most} may be at once.`]
      : []),
    ...(made > limits.newRecords
      ? [
          `${made} records would be made, or written for the first time; ${limits.newRecords} may be at once.`,
        ]
      : []),
    ...money
      .filter(isOver)
      .map(({ amount, currency }) => `${amount} ${currency} are at stake; that is over the limit.`),
  ];
}

/** Keeps that a run waits for a person and says so in the audit; the watch opens an incident of it. */
export async function holdRun(
  tx: TenantTx,
  run: {
    readonly source: WriteSource;
    readonly actor: string;
    readonly reasons: readonly string[];
    readonly counted: RunCount;
  },
): Promise<string> {
  const { source, actor, reasons, counted } = run;
  const { id, isNew } = await openHold(tx, { source, reasons, counted });
  if (!isNew) return id;
  await appendAudit(tx, {
    actor,
    action: 'write_hold.opened',
    subject: { type: 'write_hold', id },
    details: { source, reasons: [...reasons], changed: counted.changed, made: counted.made },
  });
  return id;
}
