import type { TenantTx } from '../../db/store.ts';
import { listConnections } from '../../intake/connections.ts';
import { landedChanges, type LandedChange } from '../../intake/landed-changes.ts';
import type { Json, JsonObject } from '../../kernel/hash.ts';
import type { Registry } from '../../registry/load-registry.ts';
import type { ChangeLog } from '../../sdk/change-log.ts';
import type { StreamDefinition } from '../../sdk/define-connector.ts';
import type { TraceHop } from './trace-hop.ts';

/** A change log of one connection. */
interface Log {
  readonly connection: string;
  readonly stream: string;
  readonly log: ChangeLog;
}

/** Hops that are a record of another system: what was read there, and what we wrote there. */
const RECORDS: ReadonlySet<TraceHop['kind']> = new Set(['record', 'intent']);

const keyOf = ({ system, object, id }: Pick<TraceHop, 'system' | 'object' | 'id'>): string =>
  JSON.stringify([system, object, id]);

/**
 * The hops with, behind each record of another system, who changed it there: one hop a field, from the change logs that
 * the systems keep and that were read. A record that comes twice has its changes where it comes first.
 */
export async function withChanges(
  tx: TenantTx,
  registry: Registry,
  hops: readonly TraceHop[],
): Promise<readonly TraceHop[]> {
  const changes = new Map<string, TraceHop[]>();
  for (const each of await changeLogs(tx, registry))
    for (const hop of await hopsOfLog(tx, each, hops)) {
      const key = keyOf(hop);
      changes.set(key, [...(changes.get(key) ?? []), hop]);
    }
  return hops.flatMap((hop) => {
    const key = keyOf(hop);
    const own = RECORDS.has(hop.kind) ? (changes.get(key) ?? []) : [];
    if (own.length > 0) changes.delete(key);
    return [hop, ...own];
  });
}

async function changeLogs(tx: TenantTx, registry: Registry): Promise<readonly Log[]> {
  const logsOf = (streams: readonly StreamDefinition[], connection: string): readonly Log[] =>
    streams.flatMap(({ name, changeLog }) =>
      changeLog === undefined ? [] : [{ connection, stream: name, log: changeLog }],
    );
  return (await listConnections(tx)).flatMap(({ id, connector }) =>
    logsOf(registry.connectors.get(connector)?.streams ?? [], id),
  );
}

async function hopsOfLog(
  tx: TenantTx,
  { connection, stream, log }: Log,
  hops: readonly TraceHop[],
): Promise<readonly TraceHop[]> {
  const told = hops.filter(
    (hop) =>
      RECORDS.has(hop.kind) && hop.system === connection && Object.hasOwn(log.of, hop.object),
  );
  const records = [...new Map(told.map((hop) => [keyOf(hop), hop])).values()];
  const ids = [...new Set(records.map(({ id }) => id))];
  const landed = await landedChanges(tx, { connection, stream, field: log.record }, ids);
  return landed.flatMap((change) =>
    records
      .filter((record) => speaksOf(log, change.data, record))
      .map((record) => changeHop(log, change, record)),
  );
}

function speaksOf(log: ChangeLog, data: JsonObject, record: TraceHop): boolean {
  if (textAt(data, log.record) !== record.id) return false;
  return log.kind === undefined || textAt(data, log.kind) === log.of[record.object];
}

/** `StageName from Proposal to Closed Won`, or what was done where no value is told (`Create`, `created`). */
function whatChanged(log: ChangeLog, data: JsonObject): string {
  const [field, before, after] = [log.field, log.before, log.after].map((name) => textAt(data, name)); // prettier-ignore
  if (before !== null || after !== null)
    return `${field ?? 'record'} from ${before ?? 'nothing'} to ${after ?? 'nothing'}`;
  const action = log.action === undefined ? null : textAt(data, log.action);
  return field ?? action ?? 'record';
}

function changeHop(log: ChangeLog, { data, landedAt }: LandedChange, record: TraceHop): TraceHop {
  const by = log.by.flatMap((name) => textAt(data, name) ?? [])[0] ?? 'somebody';
  return {
    kind: 'change',
    system: record.system,
    object: record.object,
    id: record.id,
    at: landedAt.toISOString(),
    summary: `${by}: ${whatChanged(log, data)}, at ${textAt(data, log.at) ?? 'no stated time'}`,
    mapping: null,
    rules: null,
  };
}

/** A landed value as text; `A.B` reaches into the object A. Null where there is none. */
function textAt(data: JsonObject, path: string): string | null {
  let value: Json | undefined = data;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    value = (value as JsonObject)[name];
  }
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}
