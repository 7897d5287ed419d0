import type { NounName } from '../canonical/nouns.ts';
import type { TenantTx } from '../db/store.ts';
import type { Effect } from '../delivery/effect.ts';
import { fieldsOf, valueAt } from '../delivery/three-way.ts';
import { listConnections } from '../intake/connections.ts';
import type { Json, JsonObject } from '../kernel/hash.ts';
import type { Fact, FactNoun } from '../ledger/fact.ts';
import { factsOf } from '../ledger/facts.ts';
import { activePlans } from '../mapping/active-plans.ts';
import { versionsOf } from '../mapping/versions.ts';
import { listUsers } from '../security/users.ts';
import type { PlanBody } from './deal-planning.ts';
import type { Deps } from './deps.ts';
import { loadSkuCatalogue } from './sku-catalogue.ts';

/** What people call what a plan speaks of by ids. */
export interface PlanNames {
  /** Names of products by SKU. */
  readonly products: Readonly<Record<string, string>>;
  /** Who approved it; null for policy and for parts of the program. */
  readonly approver: string | null;
  /** What the business calls a field: the field of the document that its mapping takes it from. Null where that says nothing. */
  label(effect: Effect, field: string): string | null;
  /** The name behind the id that a field refers to with, or null. */
  valueName(effect: Effect, field: string, value: Json): string | null;
  /** The name or number of the record itself in its system, or null. */
  recordName(connection: string, object: string, vendorId: string | null): string | null;
}

/** What the references of outbound documents refer to. */
const REFERENCES: Readonly<Record<string, FactNoun>> = {
  accountRef: 'organization',
  erpCustomerRef: 'organization',
  subsidiaryRef: 'subsidiary',
  opportunityRef: 'opportunity',
};

/** Reads the names of what a plan speaks of, as the systems told them last. */
export async function loadPlanNames(
  deps: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  { body, approvedBy }: { readonly body: PlanBody; readonly approvedBy: string | null },
  vendorIds: readonly string[],
): Promise<PlanNames> {
  const sources = await sourcesOf(deps, tx, body.effects);
  const sourceOf = ({ mapping }: Effect, field: string): string | null =>
    (mapping ? sources.get(keyOf(mapping.id, mapping.version))?.get(field) : undefined) ?? null;
  const referred = await referredTo(tx, body.effects, sourceOf);
  const records = await recordsOf(deps, tx, body.effects, vendorIds);
  const { bySku } = await loadSkuCatalogue(tx);
  const sold = [...new Set((body.order?.lines ?? []).map(({ skuCode }) => skuCode))];
  const users = approvedBy === null ? [] : await listUsers(tx);
  return {
    products: Object.fromEntries(sold.flatMap((sku) => {
      const name = bySku.get(sku)?.name;
      return name === undefined ? [] : [[sku, name]];
    })), // prettier-ignore
    approver: users.find(({ id }) => id === approvedBy)?.name ?? null,
    label: (effect, field) => wordsOf(sourceOf(effect, field)),
    valueName: (effect, field, value) => {
      const noun = REFERENCES[sourceOf(effect, field) ?? ''];
      if (noun === undefined || typeof value !== 'string') return null;
      return referred.get(`${effect.connection}/${noun}/${value}`) ?? referred.get(`${noun}/${value}`) ?? null; // prettier-ignore
    },
    recordName: (connection, object, vendorId) =>
      records.get(`${connection}/${object}/${vendorId ?? ''}`) ?? null,
  };
}

const keyOf = (id: string, version: number): string => `${id}@${version}`;

/** By mapping version: the last part of the path that each of its fields is taken from. */
async function sourcesOf(
  deps: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  effects: readonly Effect[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const found = new Map<string, ReadonlyMap<string, string>>();
  for (const id of new Set(effects.flatMap(({ mapping }) => mapping?.id ?? [])))
    for (const { version, document } of await versionsOf(tx, deps.mappings, id)) {
      const rows = Object.entries(document.fields as Readonly<Record<string, object>>);
      const paths = rows.flatMap(([field, row]): readonly [string, string][] => {
        const path = 'each' in row ? row.each : 'from' in row ? row.from : undefined;
        return typeof path === 'string' ? [[field, path.split('.').at(-1) ?? path]] : [];
      });
      found.set(keyOf(id, version), new Map(paths));
    }
  return found;
}

async function referredTo(
  tx: TenantTx,
  effects: readonly Effect[],
  sourceOf: (effect: Effect, field: string) => string | null,
): Promise<ReadonlyMap<string, string>> {
  const refs = new Map<FactNoun, Set<string>>();
  for (const effect of effects)
    for (const field of fieldsOf(effect.fields)) {
      const noun = REFERENCES[sourceOf(effect, field) ?? ''];
      const value = valueAt(effect.fields, field);
      if (noun === undefined || typeof value !== 'string') continue;
      refs.set(noun, (refs.get(noun) ?? new Set()).add(value));
    }
  const names = new Map<string, string>();
  for (const [noun, ids] of refs)
    for (const fact of await factsOf(tx, noun, { refs: [...ids] })) {
      const name = nameOf(fact.body as unknown as JsonObject);
      if (name === null) continue;
      names.set(`${fact.connection}/${noun}/${fact.externalRef}`, name);
      names.set(`${noun}/${fact.externalRef}`, name);
    }
  return names;
}

/** The records themselves, where an inbound mapping reads their object. */
async function recordsOf(
  deps: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  effects: readonly Effect[],
  vendorIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  if (vendorIds.length === 0) return names;
  const connections = new Map((await listConnections(tx)).map((each) => [each.id, each.connector]));
  for (const [, [effect]] of Map.groupBy(effects, (each) => `${each.connection}/${each.object}`)) {
    if (effect === undefined) continue;
    const { connection: id, object } = effect;
    const connector = connections.get(id);
    if (connector === undefined) continue;
    const plans = await activePlans(tx, deps.mappings, { connector, connection: id, object });
    const nouns = new Set(plans.map(({ target }) => target.noun as NounName & FactNoun));
    for (const noun of nouns) {
      const facts = await factsOf(tx, noun, { connection: id, refs: vendorIds });
      for (const [ref, name] of facts.flatMap(named)) names.set(`${id}/${object}/${ref}`, name);
    }
  }
  return names;
}

function named({ externalRef, body }: Fact<FactNoun>): readonly (readonly [string, string])[] {
  const name = nameOf(body as unknown as JsonObject);
  return name === null ? [] : [[externalRef, name]];
}

function nameOf(body: JsonObject): string | null {
  const found = [body['number'], body['name'], body['legalName'], body['userName']].find((each) => typeof each === 'string'); // prettier-ignore
  return typeof found === 'string' ? found : null;
}

/** `erpCustomerRef` is `ERP customer`, `orderDate` is `order date`. */
function wordsOf(source: string | null): string | null {
  if (source === null) return null;
  const words = source.replace(/Ref$/, '').replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase(); // prettier-ignore
  return words.replaceAll(/\b(erp|crm|id|sku)\b/g, (each) => each.toUpperCase());
}
