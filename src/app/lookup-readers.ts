import type { TenantTx } from '../db/store.ts';
import { isLive, listConnections } from '../intake/connections.ts';
import { openReplay } from '../intake/replays.ts';
import { plansInEffect } from '../mapping/active-plans.ts';
import type { CompiledPlan } from '../mapping/builtin.ts';
import { appendAudit } from '../audit/audit-log.ts';
import type { Deps } from './deps.ts';
import { recordsAskingFor } from './lookup-figures.ts';
import { WRITERS, type StartedReplay } from './remap-records.ts';
import { mapWork, request } from './request.ts';

/** The mappings in effect that read a lookup table, by id. */
export async function readersOf(
  deps: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  table: string,
): Promise<readonly CompiledPlan[]> {
  const plans = await plansInEffect(tx, deps.mappings);
  return plans.filter((plan) => plan.lookups.includes(table));
}

/**
 * Asks for what the changed keys of a table went into to be made again: of landed records exactly those that asked for
 * one of them, without a call to their system; and where an outbound mapping reads the table, the documents that it writes.
 */
export async function remapReaders(
  deps: Pick<Deps, 'mappings' | 'queue'>,
  tx: TenantTx,
  input: { readonly table: string; readonly keys: readonly string[]; readonly actor: string },
): Promise<readonly StartedReplay[]> {
  const { table, keys, actor } = input;
  if (keys.length === 0) return [];
  const readers = await readersOf(deps, tx, table);
  if (readers.some(({ kind }) => kind === 'outbound')) {
    await request(deps, tx, WRITERS.map((job) => ({ job, key: '', payload: {} }))); // prettier-ignore
  }
  const versions = new Map(readers.map(({ id, version }) => [id, version]));
  const live = new Set((await listConnections(tx)).filter(isLive).map(({ id }) => id));
  const started: StartedReplay[] = [];
  for (const concerned of await recordsAskingFor(tx, table, keys, [...versions.keys()])) {
    const { connection, stream, mappingId, recordIds } = concerned;
    if (!live.has(connection)) continue;
    const mapping = { mappingId, mappingVersion: versions.get(mappingId) ?? 1 };
    const place = { connection, stream };
    const replay = await openReplay(tx, { ...place, ...mapping, scope: 'records', recordIds, requestedBy: actor }); // prettier-ignore
    if (replay === null) continue;
    const { runId, records, pages } = replay;
    await request(
      deps,
      tx,
      pages.map((page) => mapWork(page.runId, page.stream, page.pageNumber)),
    );
    await appendAudit(tx, {
      actor,
      action: 'mapping.replayed',
      subject: { type: 'mapping', id: mappingId },
      details: { run: runId, ...place, lookup: table, records, scope: 'records' },
    });
    started.push({ runId, ...place, records, underWay: false });
  }
  return started;
}
