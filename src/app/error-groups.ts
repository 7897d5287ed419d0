import type { TenantTx } from '../db/store.ts';
import { stakesByCause, writeCauses, writesOfCause } from '../delivery/write-groups.ts';
import { decisionsOn, type ErrorDecision } from '../intake/error-decisions.ts';
import {
  recordCauses,
  recordsOfCause,
  type ErrorCause,
  type ErrorMember,
} from '../intake/quarantine-groups.ts';
import { NotFoundError } from '../kernel/errors.ts';
import type { Money } from '../kernel/money.ts';
import { ALL_OF_TYPE, listStewardships, type Stewardship } from '../mapping/stewards.ts';
import { stuckBy, stuckCauses } from '../queue/stuck-causes.ts';
import { listUsers, type User } from '../security/users.ts';
import type { Deps } from './deps.ts';
import { moneyOfRecords, moneyOfStake } from './money-at-stake.ts';

/** What waits for one cause, with what is at stake, who looks after it, and what to do. */
export interface ErrorGroup extends ErrorCause {
  readonly state: 'open' | 'ignored';
  /** What cannot be done because of it, by currency; empty where nothing of it is money. */
  readonly money: readonly Money[];
  readonly owner: { readonly id: string; readonly name: string } | null;
  /** `named` for this cause, or the steward of its mapping. */
  readonly ownedBy: 'named' | 'steward' | null;
  readonly ignored: ErrorDecision['ignored'];
  readonly advice: string;
}

type ViewDeps = Pick<Deps, 'mappings'>;

const ADVICE = {
  intake:
    'The record came in a form that cannot be kept. Mend it at its source; the next read takes it, or finds that it is not there any more.',
  mapping: 'Mend the record at its source or the mapping, then retry.',
  refused:
    'The other system refused it. Mend what it names and retry, or send another value: trueup errors edit-and-retry.',
  conflict:
    'The record over there is not what was written. Look at each: trueup conflicts list, trueup intents show ID.',
  unknown:
    'Nobody knows yet what became of it; it is asked for by itself. Retry asks now, and sends nothing again.',
  work: 'A piece of work failed too often. Mend what it names, then retry.',
} as const satisfies Record<ErrorCause['class'], string>;

/** Every cause for which something waits, newest first, or one of them. */
export async function errorGroups(
  deps: ViewDeps,
  tx: TenantTx,
  cause?: string,
): Promise<readonly ErrorGroup[]> {
  const causes = [
    ...(await recordCauses(tx, cause)),
    ...(await writeCauses(tx, cause)),
    ...(await workCauses(tx, cause)),
  ];
  if (causes.length === 0) return [];
  const decisions = await decisionsOn(
    tx,
    causes.map(({ id }) => id),
  );
  const stakes = await stakesByCause(tx, cause);
  const worth = await moneyOfRecords(
    deps,
    tx,
    causes.filter((each) => each.class === 'intake' || each.class === 'mapping'),
  );
  const owners = ownersBy(await listStewardships(tx), await listUsers(tx));
  const groups: ErrorGroup[] = [];
  for (const each of causes) {
    const decision = decisions.get(each.id);
    groups.push({
      ...each,
      state: (decision?.ignored ?? null) === null ? 'open' : 'ignored',
      money: worth.get(each.id) ?? (await moneyOfStake(tx, stakes.get(each.id))),
      ...owners(decision?.owner ?? null, each.mappingId),
      ignored: decision?.ignored ?? null,
      advice: ADVICE[each.class],
    });
  }
  return groups.toSorted((a, b) => b.lastSeen.getTime() - a.lastSeen.getTime());
}

/** One cause with what waits for it. Throws NotFoundError where nothing waits for it. */
export async function errorGroup(deps: ViewDeps, tx: TenantTx, id: string): Promise<ErrorGroup> {
  const [group] = await errorGroups(deps, tx, id);
  if (group !== undefined) return group;
  throw new NotFoundError(
    `Nothing waits for the cause "${id}" any more. \`trueup errors list\` shows what does.`,
  );
}

/** What waits for a cause, oldest first. */
export async function membersOf(
  tx: TenantTx,
  { id, class: kind }: Pick<ErrorCause, 'id' | 'class'>,
  limit: number,
): Promise<readonly ErrorMember[]> {
  if (kind === 'intake' || kind === 'mapping') return recordsOfCause(tx, id, limit);
  if (kind !== 'work') return writesOfCause(tx, id, limit);
  return (await stuckBy(tx, id, limit)).map(({ job, key, ...work }) => ({
    ...work,
    id: `${job}/${key}`,
    cause: id,
    record: key,
    planId: null,
  }));
}

async function workCauses(tx: TenantTx, cause?: string): Promise<readonly ErrorCause[]> {
  return (await stuckCauses(tx, cause)).map(({ job, count, firstSeen, ...stuck }) => ({
    ...stuck,
    class: 'work',
    system: 'trueup',
    object: job,
    code: 'stuck',
    field: null,
    mappingId: null,
    count,
    records: count,
    firstSeen,
    lastSeen: firstSeen,
  }));
}

/** Who looks after a cause: who was named for it, else the steward of its mapping. Nobody who is disabled. */
function ownersBy(named: readonly Stewardship[], people: readonly User[]) {
  const active = new Map(
    people.flatMap(({ id, name, status }) =>
      status === 'active' ? [[id, { id, name }] as const] : [],
    ),
  );
  const stewards = new Map(
    named.flatMap(({ type, id, personId }) =>
      type === 'mapping' && personId !== null ? [[id, personId] as const] : [],
    ),
  );
  return (chosen: string | null, mappingId: string | null) => {
    const own = active.get(chosen ?? '');
    if (own !== undefined) return { owner: own, ownedBy: 'named' } as const;
    const stewardId = stewards.get(mappingId ?? ALL_OF_TYPE) ?? stewards.get(ALL_OF_TYPE) ?? '';
    const steward = active.get(stewardId);
    return steward === undefined
      ? ({ owner: null, ownedBy: null } as const)
      : ({ owner: steward, ownedBy: 'steward' } as const);
  };
}
