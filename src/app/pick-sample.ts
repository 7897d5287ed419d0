import type { TenantTx } from '../db/store.ts';
import { landedRecords } from '../intake/landing.ts';
import { newestRecordIds, oddRecordIds } from '../intake/newest-records.ts';
import { knownSchema } from '../mapping/known-schemas.ts';
import { pickEdges } from '../mapping/sample-edges.ts';
import type { MappingBench } from './mapping-bench.ts';

/** Records that edges are looked for among, and edges that are shown. */
const LOOKED_AT = 2_000;
const ODD = 50;
const EDGES = 20;

/** Records of the mapping's stream to try it on, each with why: the edges, or the newest so many. */
export async function pickSample(
  tx: TenantTx,
  bench: MappingBench,
  sample: 'edges' | number,
): Promise<readonly { readonly id: string; readonly why: readonly string[] }[]> {
  const { direction, draft } = bench;
  const stream = direction.kind === 'inbound' ? direction.stream : direction.object;
  const place = { connection: bench.connection.id, stream };
  if (sample !== 'edges')
    return (await newestRecordIds(tx, place, sample)).map((id) => ({ id, why: [] }));
  const newest = await newestRecordIds(tx, place, LOOKED_AT);
  const odd = await oddRecordIds(tx, place, ODD);
  const ids = [...new Set([...newest, ...odd.quarantined, ...odd.deleted])];
  const records = await landedRecords(tx, place.connection, stream, ids);
  const reads = draft.plan.kind === 'inbound' ? draft.plan.reads : [];
  const described = (await knownSchema(tx, place))?.fields ?? {};
  const picked = pickEdges(
    records.map(({ recordId, stamp, deleted, data }) => ({ id: recordId, stamp, deleted, data })),
    {
      fields: reads.filter((each) => each.stream === stream).map(({ field }) => field),
      options: Object.fromEntries(
        Object.entries(described).map(([name, { options }]) => [name, options]),
      ),
      quarantined: new Set(odd.quarantined),
      limit: EDGES,
    },
  );
  return picked.map(({ record, why }) => ({ id: record.id, why }));
}
