import type { TenantTx } from '../db/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { newId } from '../kernel/ids.ts';
import { subtractMoney, type Money } from '../kernel/money.ts';
import { addEvent } from './incident-timeline.ts';

/**
 * What opens an incident, how grave it is, and whether it lasts: one that lasts is over only once its condition is gone,
 * the others have happened whatever comes after.
 */
export const INCIDENT_KINDS = {
  failed_run: { severity: 'medium', lasts: false },
  open_certificate: { severity: 'high', lasts: false },
  open_breaker: { severity: 'medium', lasts: true },
  parked_connection: { severity: 'high', lasts: true },
  people_hold: { severity: 'high', lasts: true },
  record_hold: { severity: 'high', lasts: true },
  blast_hold: { severity: 'high', lasts: true },
  unknown_write: { severity: 'high', lasts: true },
  stuck_work: { severity: 'medium', lasts: true },
  webhook_disabled: { severity: 'medium', lasts: true },
} as const satisfies Readonly<
  Record<string, { readonly severity: Severity; readonly lasts: boolean }>
>;
export type IncidentKind = keyof typeof INCIDENT_KINDS;

export type Severity = 'low' | 'medium' | 'high';

/** Why it came to this, as whoever closes it says; `passed` is kept for what closed by itself. */
export const INCIDENT_CAUSES = [
  'vendor',
  'credentials',
  'network',
  'configuration',
  'source_data',
  'mapping',
  'person',
  'defect',
  'expected',
  'other',
] as const;
export type IncidentCause = (typeof INCIDENT_CAUSES)[number];

/** What somebody or the watch saw. */
export interface Sighting {
  readonly kind: IncidentKind;
  /** What it is about, within its kind: a connection, a stream of one, a hold. */
  readonly key: string;
  /** Which time it happened (a run, a certificate): once its incident is closed, the same one opens none again. */
  readonly occurrence?: string;
  readonly title: string;
  readonly severity?: Severity;
  readonly money?: readonly Money[];
  /** What it touches, for the narrative: the audit tells what people did to these. */
  readonly refs?: readonly IncidentRef[];
  readonly details?: JsonObject;
}

export interface IncidentRef {
  readonly type: string;
  readonly id: string;
}

/** Something that needs people, from the moment it was seen until its cause is known. */
export interface Incident {
  readonly id: string;
  readonly kind: IncidentKind;
  readonly key: string;
  readonly occurrence: string;
  readonly title: string;
  readonly severity: Severity;
  readonly status: 'open' | 'closed';
  /** Times that it was seen to happen. */
  readonly times: number;
  /** The most that was at stake, by currency. */
  readonly money: readonly Money[];
  readonly refs: readonly IncidentRef[];
  readonly owner: string | null;
  readonly escalated: number;
  readonly ackedAt: Date | null;
  readonly ackedBy: string | null;
  readonly openedAt: Date;
  readonly seenAt: Date;
  /** When its condition was gone; null while it lasts. */
  readonly clearedAt: Date | null;
  readonly closedAt: Date | null;
  readonly closedBy: string | null;
  readonly cause: IncidentCause | 'passed' | null;
  readonly causeText: string | null;
}

export const INCIDENT_COLUMNS = `n.id, n.kind, n.key, n.occurrence, n.title, n.severity, n.status, n.times,
  coalesce(n.money, '[]') as money, n.refs, n.owner, n.escalated, n.acked_at as "ackedAt", n.acked_by as "ackedBy",
  n.opened_at as "openedAt", n.seen_at as "seenAt", n.cleared_at as "clearedAt", n.closed_at as "closedAt",
  n.closed_by as "closedBy", n.cause, n.cause_text as "causeText"`;

const WATCH = 'system:watch-incidents';

/**
 * Opens an incident, or tells the open one of the same kind and key that it is still so: a new occurrence counts, and one
 * that had cleared is back. Returns its id; null for an occurrence whose incident was closed. Two who see the same at once open
 * one. The watch tells of it within a minute, whoever opened it.
 */
export async function openIncident(tx: TenantTx, seen: Sighting): Promise<string | null> {
  await takeTurn(tx, seen);
  const known = await latest(tx, seen);
  if (known?.status === 'open') {
    await seeAgain(tx, known, seen);
    return known.id;
  }
  const { kind, key, occurrence = '', title, money = [], refs = [] } = seen;
  if (known !== null && occurrence !== '' && known.occurrence === occurrence) return null;
  const id = newId('inc');
  const severity = seen.severity ?? INCIDENT_KINDS[kind].severity;
  await tx.run(
    `insert into incident (tenant_id, id, kind, key, occurrence, title, severity, money, refs)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      tx.tenantId,
      id,
      kind,
      key,
      occurrence,
      title,
      severity,
      JSON.stringify(money),
      JSON.stringify(refs),
    ],
  );
  await addEvent(tx, id, {
    kind: 'opened',
    actor: WATCH,
    text: title,
    details: { ...seen.details, severity, ...(occurrence === '' ? {} : { occurrence }) },
  });
  return id;
}

/** Nobody else opens or closes an incident of this kind and key until the transaction ends. */
async function takeTurn(
  tx: TenantTx,
  { kind, key }: Pick<Sighting, 'kind' | 'key'>,
): Promise<void> {
  await tx.sql(
    `select pg_advisory_xact_lock(hashtextextended('incident:' || app.tenant() || ':' || $1 || ':' || $2, 0))`,
    [kind, key],
  );
}

async function latest(
  tx: TenantTx,
  { kind, key }: Pick<Sighting, 'kind' | 'key'>,
): Promise<Incident | null> {
  const [row] = await tx.sql<Incident>(
    `select ${INCIDENT_COLUMNS} from incident n where n.kind = $1 and n.key = $2 order by n.id desc limit 1`,
    [kind, key],
  );
  return row ?? null;
}

async function seeAgain(tx: TenantTx, known: Incident, seen: Sighting): Promise<void> {
  const { occurrence = '', title, money = [], refs = [] } = seen;
  const isAnother = occurrence !== '' && occurrence !== known.occurrence;
  await tx.run(
    `update incident set seen_at = app.clock(), cleared_at = null, title = $2, times = times + $3,
       occurrence = case when $4 = '' then occurrence else $4 end, money = $5, refs = $6 where id = $1`,
    [
      known.id,
      title,
      isAnother ? 1 : 0,
      occurrence,
      JSON.stringify(mostOf(known.money, money)),
      JSON.stringify(union(known.refs, refs)),
    ],
  );
  if (isAnother) {
    const details = { ...seen.details, occurrence };
    await addEvent(tx, known.id, { kind: 'seen_again', actor: WATCH, text: title, details });
  } else if (known.clearedAt !== null) {
    await addEvent(tx, known.id, { kind: 'came_back', actor: WATCH, text: title });
  }
}

/** The larger of two sums of each currency. */
function mostOf(before: readonly Money[], now: readonly Money[]): readonly Money[] {
  const most = new Map(before.map((each) => [each.currency, each]));
  for (const each of now) {
    const known = most.get(each.currency);
    if (known === undefined || !subtractMoney(each, known).amount.startsWith('-'))
      most.set(each.currency, each);
  }
  return [...most.values()];
}

const MOST_REFS = 50;

function union(
  before: readonly IncidentRef[],
  now: readonly IncidentRef[],
): readonly IncidentRef[] {
  const all = new Map([...before, ...now].map((ref) => [`${ref.type}/${ref.id}`, ref]));
  return [...all.values()].slice(0, MOST_REFS);
}

/**
 * Says of the open incidents of some kinds that were not seen this time that their condition is gone. What is not grave
 * closes by that; a grave one stays until somebody has said why it came to it. Returns the ids of both.
 */
export async function clearUnseen(
  tx: TenantTx,
  kinds: readonly IncidentKind[],
  seenIds: readonly string[],
): Promise<{ readonly cleared: readonly string[]; readonly closed: readonly string[] }> {
  const rows = await tx.sql<Pick<Incident, 'id' | 'severity'>>(
    `update incident n set cleared_at = app.clock(),
       status = case when n.severity = 'high' then n.status else 'closed' end,
       closed_at = case when n.severity = 'high' then null else app.clock() end,
       cause = case when n.severity = 'high' then null else 'passed' end
     where n.status = 'open' and n.kind = any($1) and not n.id = any($2) and n.cleared_at is null
     returning n.id, n.severity`,
    [[...kinds], [...seenIds]],
  );
  for (const { id, severity } of rows) {
    const text =
      severity === 'high'
        ? 'Its condition is gone. It stays open until somebody says what the cause was.'
        : 'Its condition is gone, and it closed by itself.';
    await addEvent(tx, id, { kind: 'cleared', actor: WATCH, text });
  }
  const isHigh = ({ severity }: { readonly severity: Severity }): boolean => severity === 'high';
  return {
    cleared: rows.filter(isHigh).map(({ id }) => id),
    closed: rows.filter((row) => !isHigh(row)).map(({ id }) => id),
  };
}

/** One incident, locked until the transaction ends if something is to be done with it. Throws NotFoundError. */
export async function getIncident(
  tx: TenantTx,
  id: string,
  lock: '' | 'for update' = '',
): Promise<Incident> {
  const [row] = await tx.sql<Incident>(
    `select ${INCIDENT_COLUMNS} from incident n where n.id = $1 ${lock}`,
    [id],
  );
  if (row !== undefined) return row;
  throw new NotFoundError(
    `There is no incident "${id}". \`trueup incidents list\` shows those there are.`,
  );
}
