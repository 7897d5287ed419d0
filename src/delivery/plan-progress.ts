import type { TenantTx } from '../db/store.ts';
import { DROPPED } from './drop-unsent.ts';
import type { Intent } from './intents.ts';
import type { Target } from './target.ts';

/** How far a plan is, by record. The lists show the first of them; the figures count all. */
export interface PlanProgress {
  readonly of: number;
  readonly done: number;
  /** What it does not do any more: something later took its place, or it was dropped. */
  readonly overtaken: readonly Left[];
  readonly waiting: readonly (Left & { readonly state: string })[];
  /** How many of both are not listed. */
  readonly more: number;
}

interface Left {
  readonly intentId: string;
  readonly connection: string;
  readonly object: string;
  readonly why: string;
}

type Write = Pick<
  Intent,
  'id' | 'connection' | 'object' | 'externalId' | 'revision' | 'state' | 'readBack' | 'error'
>;

const MOST_LISTED = 500;

const WHY: Readonly<Record<string, string>> = {
  PLANNED: 'waits for its turn',
  LEASED: 'is about to be sent',
  SENT: 'was sent, and its answer has not come',
  UNKNOWN: 'was sent, and nobody knows what became of it; it is looked for',
  APPLIED: 'was taken, and is read back',
  CONFLICT: 'the record holds something else than we wrote; decide, then resume',
  QUARANTINED: 'was refused; mend the cause, then resume',
};

/** Where the writes of a plan stand, all of them. */
export async function progressOf(tx: TenantTx, planId: string): Promise<PlanProgress> {
  const all = await tx.sql<Write>(
    `select i.id, i.connection, i.object, i.external_id as "externalId", i.revision, i.state, i.read_back as "readBack", i.error
     from intent i where i.plan_id = $1 order by i.created_at desc, i.id`,
    [planId],
  );
  return progressOfWrites(all);
}

/** Pure. */
function progressOfWrites(all: readonly Write[]): PlanProgress {
  const standing = all.filter(({ state }) => state !== 'SUPERSEDED');
  const open = standing.filter(({ state, readBack }) => !(state === 'APPLIED' && readBack));
  const waiting = open.slice(0, MOST_LISTED).map(({ id, connection, object, state, error }) => ({ intentId: id, connection, object, state, why: [WHY[state] ?? state, ...(error === null ? [] : [error.message])].join(': ') })); // prettier-ignore
  const overtaken = overtakenOf(all);
  return {
    of: standing.length + overtaken.length,
    done: standing.length - open.length,
    overtaken: overtaken.slice(0, MOST_LISTED),
    waiting,
    more: Math.max(0, open.length - MOST_LISTED) + Math.max(0, overtaken.length - MOST_LISTED),
  };
}

/** Of each record of which nothing of the plan stands any more, the plan's last word. */
function overtakenOf(all: readonly Write[]): readonly Left[] {
  const records = Map.groupBy(all, ({ externalId }) => externalId);
  return [...records.values()].flatMap((own) => {
    if (own.some(({ state }) => state !== 'SUPERSEDED')) return [];
    const last = own.toSorted((a, b) => b.revision - a.revision)[0];
    if (last === undefined) return [];
    const { id, connection, object, error } = last;
    const why = error?.code === DROPPED ? error.message : 'Something later took its place.';
    return [{ intentId: id, connection, object, why }];
  });
}

/** Where writes of a plan wait for their time, and how many of them. */
export async function waitingTargets(
  tx: TenantTx,
  planId: string,
): Promise<readonly (Target & { readonly writes: number })[]> {
  return tx.sql<Target & { readonly writes: number }>(
    `select i.connection, i.object, count(*)::int as writes from intent i
     where i.plan_id = $1 and (i.state in ('PLANNED', 'UNKNOWN') or (i.state = 'APPLIED' and not i.read_back)) group by 1, 2 order by 1, 2`,
    [planId],
  );
}
