import type {
  OutboundDocument,
  OutboundDocumentName,
} from '../canonical/outbound/outbound-documents.ts';
import type { TenantTx } from '../db/store.ts';
import type { Effect, EffectSubject } from '../delivery/effect.ts';
import type { Connection } from '../intake/connections.ts';
import { NotFoundError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { addMoney, lineAmount, type Money } from '../kernel/money.ts';
import { outboundPlan } from '../mapping/active-plans.ts';
import type { OutboundPlan } from '../mapping/compile-outbound.ts';
import { loadLookups } from '../mapping/load-lookups.ts';
import type { Deps } from './deps.ts';
import { connectorOf } from './connector-of.ts';

/** A document for one connected system: what a record there shall say. */
export interface Document<Name extends OutboundDocumentName> {
  readonly name: Name;
  readonly canonicalId: string;
  /** The vendor's id of a record that we did not make, else null. */
  readonly vendorId: string | null;
  readonly document: OutboundDocument<Name>;
}

/** Effects, and documents that did not map, each with the reason. */
export interface Effects {
  readonly effects: readonly Effect[];
  readonly failures: readonly {
    readonly canonicalId: string;
    readonly code: string;
    readonly message: string;
  }[];
  /** The mapping versions that made the effects. */
  readonly mappings: readonly { readonly id: string; readonly version: number }[];
}

/**
 * Turns documents of one kind into effects on one connection, through the outbound mapping that is in effect there.
 * Throws NotFoundError when no mapping turns this kind of document into a record of that system.
 */
export async function effectsOn<Name extends OutboundDocumentName>(
  deps: Pick<Deps, 'mappings' | 'clock' | 'registry'>,
  tx: TenantTx,
  connection: Connection,
  documents: readonly Document<Name>[],
): Promise<Effects> {
  const [first] = documents;
  if (first === undefined) return { effects: [], failures: [], mappings: [] };
  const plan = await planFor(deps, tx, connection, first.name);
  const lookups = await loadLookups(tx, plan.lookups);
  const context = { lookups, startedAt: deps.clock.now().toISOString() };
  const mapping = { id: plan.id, version: plan.version };
  const effects: Effect[] = [];
  const failures: { canonicalId: string; code: string; message: string }[] = [];
  for (const { canonicalId, vendorId, document } of documents) {
    const result = plan.mapDocument(asJson(document), context);
    if (result.kind === 'mapped') {
      effects.push({
        connection: connection.id,
        object: plan.target.object,
        canonicalId,
        vendorId,
        fields: result.fields,
        mapping,
        about: subjectOf(document),
      });
    } else if (result.kind === 'failed') {
      failures.push({ canonicalId, code: result.code, message: `${plan.id}: ${result.message}` });
    }
  }
  return { effects, failures, mappings: [mapping] };
}

/** What a document is about in the business, as far as it says. */
function subjectOf(document: OutboundDocument<OutboundDocumentName>): EffectSubject {
  const lines = 'lines' in document ? document.lines.map(({ skuCode }) => skuCode) : [];
  const own = 'skuCode' in document ? [document.skuCode] : [];
  return {
    products: [...new Set([...lines, ...own])].toSorted(),
    account: 'accountRef' in document ? document.accountRef : null,
    worth: worthOf(document),
  };
}

/** What the lines that are not closed come to; null for a document without amounts. */
export function worthOf(document: OutboundDocument<OutboundDocumentName>): Money | null {
  if ('total' in document) return { amount: document.total, currency: document.currency };
  if (!('orderDate' in document)) return null;
  const { currency, lines } = document;
  return lines
    .filter(({ closed }) => closed !== true)
    .map(({ quantity, unitPrice }) => lineAmount(quantity, unitPrice, currency))
    .reduce(addMoney, { amount: '0', currency });
}

/** The plan that writes this kind of document, whichever object of the system it becomes. */
async function planFor(
  deps: Pick<Deps, 'mappings' | 'registry'>,
  tx: TenantTx,
  connection: Connection,
  document: OutboundDocumentName,
): Promise<OutboundPlan> {
  const ref = { connector: connection.connector, connection: connection.id, document };
  for (const { object } of connectorOf(deps.registry, connection.connector).writers) {
    try {
      return await outboundPlan(tx, deps.mappings, { ...ref, object });
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }
  throw new NotFoundError(
    `No mapping turns ${document} into a record of connection "${connection.id}". Publish one for ${connection.connector}.`,
  );
}

/** Documents are plain data; members that are absent are left out. */
function asJson(document: object): JsonObject {
  return JSON.parse(JSON.stringify(document)) as JsonObject;
}
