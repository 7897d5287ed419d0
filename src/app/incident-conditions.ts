import type { TenantTx } from '../db/store.ts';
import type { IncidentKind, Sighting } from '../delivery/incidents.ts';
import { lostTrack, stakesByConnection, stakesOfUnknown } from '../delivery/write-groups.ts';
import { forgottenEndpoints } from '../delivery/webhooks/deliveries.ts';
import { listEndpoints } from '../delivery/webhooks/endpoints.ts';
import { listWriteHolds } from '../delivery/write-holds.ts';
import { listConnections } from '../intake/connections.ts';
import { listHolds } from '../intake/people-holds.ts';
import { failedReads, openBreakers, openCertificates } from '../intake/read-trouble.ts';
import { stuckCauses } from '../queue/stuck-causes.ts';
import { moneyOfStake } from './money-at-stake.ts';

const HOLDS = 200;
/** A week before they are given up. */
const EVENTS_WAIT_DAYS = 23;

/** The kinds whose conditions are looked for here; others are opened and cleared by those who see them. */
export const WATCHED = [
  'failed_run',
  'open_certificate',
  'open_breaker',
  'parked_connection',
  'people_hold',
  'record_hold',
  'blast_hold',
  'unknown_write',
  'stuck_work',
  'webhook_disabled',
] as const satisfies readonly IncidentKind[];

/** Everything that needs people now, from what the rooms know. */
export async function incidentConditions(tx: TenantTx): Promise<readonly Sighting[]> {
  return [
    ...(await readTrouble(tx)),
    ...(await systemTrouble(tx)),
    ...(await holds(tx)),
    ...(await writeHolds(tx)),
    ...(await unknownWrites(tx)),
    ...(await stuckWork(tx)),
    ...(await lostWebhooks(tx)),
  ];
}

async function readTrouble(tx: TenantTx): Promise<readonly Sighting[]> {
  const failed = (await failedReads(tx)).map(
    ({ connection, runId, streams, message }): Sighting => ({
      kind: 'failed_run',
      key: connection,
      occurrence: runId,
      title: `Reading ${streams.join(', ')} of ${connection} failed: ${message}`,
      refs: [
        { type: 'run', id: runId },
        { type: 'connection', id: connection },
      ],
    }),
  );
  const open = (await openCertificates(tx)).map(
    ({ id, connection, stream, runId, sourceCount, distinctIds, missingCount }): Sighting => ({
      kind: 'open_certificate',
      key: `${connection}/${stream}`,
      occurrence: id,
      title: `Not all of ${stream} of ${connection} is here: the source counts ${sourceCount ?? 'nothing'}, ${distinctIds} were read, ${missingCount} are known to be missing.`,
      refs: [
        { type: 'certificate', id },
        { type: 'run', id: runId },
      ],
    }),
  );
  return [...failed, ...open];
}

/** What cannot be written meanwhile is at stake. */
async function systemTrouble(tx: TenantTx): Promise<readonly Sighting[]> {
  const parked = (await listConnections(tx)).filter(({ status }) => status === 'reauth_required');
  const breakers = await openBreakers(tx);
  if (parked.length + breakers.length === 0) return [];
  const stakes = await stakesByConnection(tx);
  const sightings: Sighting[] = [];
  for (const { id } of parked) {
    sightings.push({
      kind: 'parked_connection',
      key: id,
      title: `${id} refuses our credentials: its reads and writes wait. Sign in again: trueup connections rotate ${id}`,
      money: await moneyOfStake(tx, stakes.get(id)),
      refs: [{ type: 'connection', id }],
    });
  }
  for (const { connection, openedAt, reason } of breakers) {
    sightings.push({
      kind: 'open_breaker',
      key: connection,
      title: `${connection} does not answer since ${openedAt.toISOString()}: ${reason}`,
      money: await moneyOfStake(tx, stakes.get(connection)),
      refs: [{ type: 'connection', id: connection }],
    });
  }
  return sightings;
}

async function holds(tx: TenantTx): Promise<readonly Sighting[]> {
  return (await listHolds(tx, { status: 'open', limit: HOLDS })).map(
    ({ id, kind, connection, stream, removals, activeAccounts, heldRecords }): Sighting => ({
      kind: kind === 'accounts' ? 'people_hold' : 'record_hold',
      key: stream === null ? connection : `${connection}/${stream}`,
      occurrence: id,
      title:
        stream === null
          ? `${removals} of ${activeAccounts} people of ${connection} would lose their accounts at once; they wait for a person's word: trueup people show ${id}`
          : `${removals} of ${heldRecords ?? 'the'} records of ${stream} of ${connection} are not shown any more; they wait for a person's word: trueup people show ${id}`,
      refs: [
        { type: 'people_hold', id },
        { type: 'connection', id: connection },
      ],
    }),
  );
}

/** Runs that would change more than is allowed. */
async function writeHolds(tx: TenantTx): Promise<readonly Sighting[]> {
  const open = await listWriteHolds(tx, { status: 'open', limit: HOLDS });
  return open.map(({ id, source, reasons, counted }): Sighting => ({
    kind: 'blast_hold',
    key: id,
    title: `A run over ${source} waits for a person's word: trueup holds show ${id}. ${reasons.join(' ')}`,
    money: counted.money,
    refs: [{ type: 'write_hold', id }],
  }));
}

async function unknownWrites(tx: TenantTx): Promise<readonly Sighting[]> {
  const lost = await lostTrack(tx);
  if (lost.length === 0) return [];
  const stakes = await stakesOfUnknown(tx);
  const sightings: Sighting[] = [];
  for (const { connection, object, count, since, ids } of lost) {
    const key = `${connection}/${object}`;
    sightings.push({
      kind: 'unknown_write',
      key,
      title: `For more than an hour nobody knows what became of ${count === 1 ? 'a write' : `${count} writes`} to ${object} of ${connection}, the first sent at ${since.toISOString()}.`,
      money: await moneyOfStake(tx, stakes.get(key)),
      refs: [{ type: 'connection', id: connection }, ...ids.map((id) => ({ type: 'intent', id }))],
    });
  }
  return sightings;
}

async function stuckWork(tx: TenantTx): Promise<readonly Sighting[]> {
  return (await stuckCauses(tx)).map(({ id, job, count, message }): Sighting => ({
    kind: 'stuck_work',
    key: id,
    title: `${count === 1 ? 'A piece' : `${count} pieces`} of the work "${job}" failed too often: ${message}`,
    refs: [{ type: 'error', id }],
  }));
}

async function lostWebhooks(tx: TenantTx): Promise<readonly Sighting[]> {
  const forgotten = await forgottenEndpoints(tx, EVENTS_WAIT_DAYS);
  const lost = (await listEndpoints(tx)).filter(({ id, status }) => status === 'disabled' || forgotten.has(id)); // prettier-ignore
  return lost.map(({ id, url, status, disabledReason }): Sighting => ({
    kind: 'webhook_disabled',
    key: id,
    title:
      status === 'paused'
        ? `Events for ${new URL(url).host} have waited for more than ${EVENTS_WAIT_DAYS} days, and are given up after 30. Go on with it (trueup webhooks resume ${id}) or take it away.`
        : `Events are not sent to ${new URL(url).host} any more. ${disabledReason ?? ''} Mend the receiver, then: trueup webhooks resume ${id}`,
    refs: [{ type: 'webhook_endpoint', id }],
  }));
}
