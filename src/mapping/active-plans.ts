import type { TenantTx } from '../db/store.ts';
import { InternalError, NotFoundError } from '../kernel/errors.ts';
import type { Builtins, CompiledPlan } from './builtin.ts';
import type { MappingPlan } from './mapping-plan.ts';
import type { OutboundPlan } from './compile-outbound.ts';
import type { Direction } from './language/direction.ts';
import { parseMappingDocument, type Mapping } from './language/parse-mapping.ts';
import { listPublished, type StoredMapping } from './mapping-store.ts';
import { vendorSideOf, type VendorSide } from './vendor-side.ts';

/** One vendor object of one connection. */
export interface VendorObjectRef {
  /** The connector's id, such as `salesforce`. */
  readonly connector: string;
  /** The connection's name in this tenant. */
  readonly connection: string;
  readonly object: string;
}

/**
 * The inbound plans in effect for one stream, by id: the shipped mappings, each unless the tenant published another
 * under the same id, and the tenant's own. Several mappings may read one stream. Plans are compiled once per content.
 */
export async function activePlans(
  tx: TenantTx,
  builtins: Builtins,
  ref: VendorObjectRef,
): Promise<readonly MappingPlan[]> {
  const mappings = await mappingsInEffect(tx, builtins, 'inbound', ref);
  return mappings
    .map((mapping) => builtins.plan(mapping))
    .filter((plan) => plan.kind === 'inbound');
}

/** The inbound plans in effect for every stream of a connection, by id. */
export async function allInboundPlans(
  tx: TenantTx,
  builtins: Builtins,
  ref: Pick<VendorObjectRef, 'connector' | 'connection'>,
): Promise<readonly MappingPlan[]> {
  const mappings = await mappingsInEffect(tx, builtins, 'inbound', { ...ref, object: null });
  return mappings
    .map((mapping) => builtins.plan(mapping))
    .filter((plan) => plan.kind === 'inbound');
}

/** The outbound plans in effect for every object of a connection, by id. */
export async function allOutboundPlans(
  tx: TenantTx,
  builtins: Builtins,
  ref: Pick<VendorObjectRef, 'connector' | 'connection'>,
): Promise<readonly OutboundPlan[]> {
  const mappings = await mappingsInEffect(tx, builtins, 'outbound', { ...ref, object: null });
  return mappings
    .map((mapping) => builtins.plan(mapping))
    .filter((plan) => plan.kind === 'outbound');
}

/**
 * The outbound plan in effect that turns a document into records of a vendor object. A mapping for the connection by
 * name goes before one for its connector. Throws a NotFoundError if there is none.
 */
export async function outboundPlan(
  tx: TenantTx,
  builtins: Builtins,
  ref: VendorObjectRef & { readonly document: string },
): Promise<OutboundPlan> {
  const mappings = await mappingsInEffect(tx, builtins, 'outbound', ref);
  const plans = mappings
    .map((mapping) => builtins.plan(mapping))
    .filter((plan) => plan.kind === 'outbound')
    .filter((plan) => plan.source.document === ref.document);
  const plan = plans.find(({ target }) => target.connection === ref.connection) ?? plans[0];
  if (plan !== undefined) return plan;
  throw new NotFoundError(
    `No mapping turns ${ref.document} into ${ref.object} of the connection "${ref.connection}". Publish one.`,
  );
}

/** Every plan in effect, inbound and outbound, by id. */
export async function plansInEffect(
  tx: TenantTx,
  builtins: Builtins,
): Promise<readonly CompiledPlan[]> {
  const published = await listPublished(tx);
  const replaced = new Set(published.map((row) => row.mapping_id));
  const shipped = builtins.mappings.filter(({ document }) => !replaced.has(document.id));
  return [...shipped, ...published.map((row) => revive(row, builtins))]
    .map((mapping) => builtins.plan(mapping))
    .toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

/** Null: every object. */
type AnyObjectRef = Omit<VendorObjectRef, 'object'> & { readonly object: string | null };

/** The mappings in effect on one side of one vendor object, ordered by id. Others are not even looked at. */
async function mappingsInEffect(
  tx: TenantTx,
  builtins: Builtins,
  kind: Direction['kind'],
  ref: AnyObjectRef,
): Promise<readonly Mapping[]> {
  const published = await listPublished(tx);
  const replaced = new Set(published.map((row) => row.mapping_id));
  const shipped = builtins.mappings.filter(
    (mapping) => !replaced.has(mapping.document.id) && fits(vendorSideOf(mapping), kind, ref),
  );
  const own = published.filter((row) => fits(row, kind, ref)).map((row) => revive(row, builtins));
  return [...shipped, ...own].sort((left, right) =>
    left.document.id < right.document.id ? -1 : 1,
  );
}

/** A published row was checked when it was published; it is checked again because steps may have gone since. */
function revive(row: StoredMapping, builtins: Builtins): Mapping {
  return builtins.recall(row.hash, () => parseStored(row, builtins));
}

function parseStored(row: StoredMapping, builtins: Builtins): Mapping {
  const parsed = parseMappingDocument(row.document, 'published', builtins.steps);
  if (parsed.ok) return parsed.mapping;
  const [problem] = parsed.problems;
  throw new InternalError(
    `The published mapping ${row.mapping_id} version ${row.version} no longer fits: ${problem?.message ?? ''} Publish a new version.`,
    { details: { mapping: row.mapping_id, version: row.version, problems: parsed.problems } },
  );
}

function fits(side: VendorSide, kind: Direction['kind'], ref: AnyObjectRef): boolean {
  if (side.direction !== kind || (ref.object !== null && side.object !== ref.object)) return false;
  return side.system === ref.connector || side.system === ref.connection;
}
