import type { TenantTx } from '../db/store.ts';
import { saveCertificate } from './certificates.ts';
import type { Certificate } from './certificate.ts';
import type { StreamState } from './checkpoints.ts';
import { resolveUnmet } from './quarantine.ts';

/**
 * Ends one stream of a run with its certificate. Only a closed certificate moves the stream's checkpoint; one that
 * is not closed fails the stream, whatever else went well. The checkpoint moves back only where the source's clock was
 * set back: the certified window ends before the checkpoint that it was opened from, and nobody moved that meanwhile.
 * A certificate stays open, whatever the source counts, while
 * what became of the records does not come to as many as the connector gave. `isReadWhole`: every record that the source
 * has was read, so what waited as unreadable and was not met is not there any more.
 */
export async function endStream(
  tx: TenantTx,
  state: StreamState,
  judged: Certificate,
  isReadWhole = false,
): Promise<void> {
  const sums = await pageSums(tx, state);
  const addsUp = sums.given === sums.told;
  const certificate = addsUp ? judged : { ...judged, closed: false };
  const ok = certificate.closed === true;
  const ended = await tx.run(
    `update run_stream set status = $3, certificate = $4, error = $5, turn_page = null, finished_at = app.clock()
     where run_id = $1 and stream = $2 and status in ('waiting', 'reading', 'read')`,
    [
      state.runId,
      state.stream,
      ok ? 'succeeded' : 'failed',
      JSON.stringify(certificate),
      ok ? null : JSON.stringify(addsUp ? openReason(state, certificate) : sumsReason(state, sums)),
    ],
  );
  if (ended === 0) return;
  await saveCertificate(tx, state, certificate);
  if (ok && isReadWhole) await resolveUnmet(tx, state);
  if (!ok || certificate.to === null) return;
  await tx.run(
    `insert into stream_checkpoint (tenant_id, connection, stream, since, run_id) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, connection, stream) do update
       set since = excluded.since, run_id = excluded.run_id, version = stream_checkpoint.version + 1, updated_at = app.clock()
       where stream_checkpoint.since is null or stream_checkpoint.since < excluded.since
         or (stream_checkpoint.since = $6 and stream_checkpoint.since > excluded.since)`,
    [tx.tenantId, state.connection, state.stream, certificate.to, state.runId, state.since],
  );
}

interface PageSums {
  /** Records that the connector handed over. */
  readonly given: number;
  /** Records of which we say what became of them. */
  readonly told: number;
}

async function pageSums(tx: TenantTx, { runId, stream }: StreamState): Promise<PageSums> {
  const [row] = await tx.sql<PageSums>(
    `select coalesce(sum(p.given), 0)::int as given,
       coalesce(sum((select count(*) from unnest(p.outcomes) as o (outcome) where o.outcome <> 't')), 0)::int as told
     from run_page p where p.run_id = $1 and p.stream = $2`,
    [runId, stream],
  );
  return row ?? { given: 0, told: 0 };
}

function sumsReason({ stream }: StreamState, sums: PageSums): { code: string; message: string } {
  return {
    code: 'sums_open',
    message:
      `The source gave ${sums.given} records of ${stream}, and ${sums.told} are accounted for. Pull again; the checkpoint ` +
      `has not moved. If it happens twice, report it: that is a defect.`,
  };
}

function openReason(
  { window }: StreamState,
  certificate: Certificate,
): { code: string; message: string } {
  if (certificate.closed === null) {
    return {
      code: 'not_countable',
      message:
        window?.unprovable ??
        `The source cannot count ${certificate.stream}, so nothing proves that all of it landed.`,
    };
  }
  const { missingCount, missingIds, staleCount, staleIds, held, holdId } = certificate;
  if (held > 0) {
    return {
      code: 'removals_held',
      message:
        `${held} records of ${certificate.stream} that we hold are not shown by the source any more, and no log of deletions ` +
        `tells why: perhaps the login lost a right. Nothing was removed. Look: trueup people show ${holdId ?? ''}; then ` +
        `mend the login and pull again, or: trueup people confirm ${holdId ?? ''}.`,
    };
  }
  const named = [
    ...(missingCount === 0 ? [] : [` Missing (${missingCount}): ${missingIds.join(', ')}.`]),
    ...(staleCount === 0 ? [] : [` Out of date (${staleCount}): ${staleIds.join(', ')}.`]),
  ].join('');
  return {
    code: 'certificate_open',
    message:
      `The source counts ${certificate.sourceCount ?? 0} records of ${certificate.stream}; ${certificate.distinctIds} landed and ` +
      `${certificate.movedOut} left the window meanwhile.${named} Pull again; nothing was lost and the checkpoint has not moved.`,
  };
}

/** Ends one stream of a run with an error; the checkpoint stays where it was. */
export async function failStream(
  tx: TenantTx,
  runId: string,
  stream: string,
  error: { readonly code: string; readonly message: string },
): Promise<void> {
  await tx.run(
    `update run_stream set status = 'failed', error = $3, turn_page = null, resume_at = null, finished_at = app.clock()
     where run_id = $1 and stream = $2 and status in ('waiting', 'reading', 'read', 'parked')`,
    [runId, stream, JSON.stringify(error)],
  );
}
