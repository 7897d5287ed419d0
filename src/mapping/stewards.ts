import * as z from 'zod';
import type { TenantTx } from '../db/store.ts';
import type { LocalDate } from '../kernel/dates.ts';
import { PreconditionFailed } from '../kernel/errors.ts';

/** What somebody answers for. */
export const StewardSubject = z.enum(['product', 'agreement', 'mapping', 'policy']);
export type StewardSubject = z.infer<typeof StewardSubject>;

/** In the place of an id: all of a type that have nobody of their own. */
export const ALL_OF_TYPE = '*';

/** Who was named for a thing; nobody, where the name was taken back. */
export interface Stewardship {
  readonly type: StewardSubject;
  readonly id: string;
  readonly personId: string | null;
  readonly reviewDue: LocalDate | null;
  readonly updatedBy: string;
  readonly updatedAt: Date;
  /** Another one after every change. */
  readonly tag: string;
}

/** The tag of a thing for which nobody was ever named. */
const NEVER = 'none';

const COLUMNS = `s.subject_type as type, s.subject_id as id, s.person_id as "personId", s.review_due::text as "reviewDue",
  s.updated_by as "updatedBy", s.updated_at as "updatedAt", s.version::text as tag`;

/** Everything that anybody was ever named for. */
export async function listStewardships(tx: TenantTx): Promise<readonly Stewardship[]> {
  return tx.sql<Stewardship>(
    `select ${COLUMNS} from stewardship s order by s.subject_type, s.subject_id`,
  );
}

/** Names a steward and the day of the next review, or takes both back. Throws PreconditionFailed where they are not what the caller saw. */
export async function saveStewardship(
  tx: TenantTx,
  { type, id }: Pick<Stewardship, 'type' | 'id'>,
  change: Pick<Stewardship, 'personId' | 'reviewDue'> & {
    readonly seen: string;
    readonly person: string;
  },
): Promise<{ readonly before: Stewardship | null; readonly after: Stewardship }> {
  // There is no row to lock before the first steward is named.
  await tx.sql(
    `select pg_advisory_xact_lock(hashtextextended('steward:' || app.tenant() || ':' || $1 || ':' || $2, 0))`,
    [type, id],
  );
  const before = await find(tx, type, id);
  if ((before?.tag ?? NEVER) !== change.seen) {
    throw new PreconditionFailed(
      `Somebody else has changed who answers for the ${type} "${id}". Look again.`,
    );
  }
  await tx.run(
    `insert into stewardship as s (tenant_id, subject_type, subject_id, person_id, review_due, updated_by)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant_id, subject_type, subject_id) do update set person_id = excluded.person_id,
       review_due = excluded.review_due, version = s.version + 1, updated_by = excluded.updated_by, updated_at = app.clock()`,
    [tx.tenantId, type, id, change.personId, change.reviewDue, change.person],
  );
  const after = await find(tx, type, id);
  return { before, after: after as Stewardship };
}

async function find(tx: TenantTx, type: string, id: string): Promise<Stewardship | null> {
  const [row] = await tx.sql<Stewardship>(
    `select ${COLUMNS} from stewardship s where s.subject_type = $1 and s.subject_id = $2`,
    [type, id],
  );
  return row ?? null;
}
