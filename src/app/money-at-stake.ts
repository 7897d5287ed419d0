import type { TenantTx } from '../db/store.ts';
import type { Stake } from '../delivery/write-groups.ts';
import { amountsByCause, type ErrorCause, type RawAmount } from '../intake/quarantine-groups.ts';
import { addMoney, exponentOf, money, type Money } from '../kernel/money.ts';
import { factsOf } from '../ledger/facts.ts';
import { isEachRow, type MappingDocument } from '../mapping/language/mapping-document.ts';
import { liveVersion } from '../mapping/versions.ts';
import type { Deps } from './deps.ts';

/** Sums of some amounts, one a currency, in the order of the currencies. What is no currency is left out. */
export function sumByCurrency(amounts: readonly RawAmount[]): readonly Money[] {
  const sums = new Map<string, Money>();
  for (const { amount, currency } of amounts) {
    if (!isCurrency(currency)) continue;
    const own = money(amount, currency);
    const before = sums.get(currency);
    sums.set(currency, before === undefined ? own : addMoney(before, own));
  }
  return [...sums.values()].toSorted((a, b) => (a.currency < b.currency ? -1 : 1));
}

function isCurrency(code: string): boolean {
  try {
    exponentOf(code);
    return true;
  } catch {
    return false;
  }
}

/** What is at stake in some writes: their plans' totals, and those of the renewals that were meant without a plan. */
export async function moneyOfStake(
  tx: TenantTx,
  stake: Stake | undefined,
): Promise<readonly Money[]> {
  if (stake === undefined) return [];
  const renewals =
    stake.unplanned.length === 0
      ? []
      : await factsOf(tx, 'renewalTerm', { refs: [...stake.unplanned] });
  const renewed = renewals.map(({ body }) => ({ amount: body.total, currency: body.currency }));
  return sumByCurrency([...stake.planned, ...renewed]);
}

/**
 * What the records that wait for each cause are worth, read from what landed of them by the rows of their mapping that make
 * an amount of money. None where the mapping makes no amount, and for records that could not land.
 */
export async function moneyOfRecords(
  deps: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  causes: readonly Pick<ErrorCause, 'id' | 'mappingId'>[],
): Promise<ReadonlyMap<string, readonly Money[]>> {
  const amounts: (RawAmount & { readonly cause: string })[] = [];
  for (const [mappingId, own] of Map.groupBy(causes, (cause) => cause.mappingId)) {
    const live = mappingId === null ? null : await liveVersion(tx, deps.mappings, mappingId);
    const fields = live === null ? null : moneyFields(live.document);
    if (fields === null) continue;
    amounts.push(
      ...(await amountsByCause(
        tx,
        own.map(({ id }) => id),
        fields,
      )),
    );
  }
  const byCause = Map.groupBy(amounts, ({ cause }) => cause);
  return new Map([...byCause].map(([cause, own]) => [cause, sumByCurrency(own)]));
}

const FIELD = /^src\.([A-Za-z_]\w*)$/;

/** The source's fields of an amount of money and of its currency, as a row such as `{ from: src.Amount, steps: [{ amount: src.CurrencyIsoCode }] }` names them. */
function moneyFields({
  fields,
}: MappingDocument): { readonly amount: string; readonly currency: string } | null {
  for (const row of Object.values(fields)) {
    if (isEachRow(row)) continue;
    const amount = FIELD.exec(row.from ?? '')?.[1];
    const step = (row.steps ?? []).find(
      (each): each is { amount: string } =>
        typeof each === 'object' && 'amount' in each && typeof each['amount'] === 'string',
    );
    const currency = FIELD.exec(step?.amount ?? '')?.[1];
    if (amount !== undefined && currency !== undefined) return { amount, currency };
  }
  return null;
}
