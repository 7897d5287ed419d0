import { renewalsDue } from '../commerce/renewals-due.ts';
import type { RenewalTerm } from '../canonical/renewal-term.ts';
import type { TenantTx } from '../db/store.ts';
import { connectionForRole } from '../intake/connections.ts';
import { newestRecordIds } from '../intake/newest-records.ts';
import type { Fact, FactNoun } from '../ledger/fact.ts';
import { factsOf, OWN_CONNECTION } from '../ledger/facts.ts';
import { OUTCOMES, type Outcome } from '../mapping/compare-readings.ts';
import type { Mapping } from '../mapping/language/parse-mapping.ts';
import { commerceSettings } from './commerce-settings.ts';
import { compareDocuments, outboundContext, writtenRecords } from './compare-documents.ts';
import { compareSample, type ComparedSample, type GivenRefs } from './compare-sample.ts';
import type { Deps } from './deps.ts';
import { documentHeads } from './document-heads.ts';
import { readFacts, readWithChanges, type FactNounBody, type FactReader } from './fact-reader.ts';
import {
  movedEntitlements,
  movedRecords,
  movedRenewals,
  type Impact,
  type World,
} from './impact-moves.ts';
import { benchOf, type MappingBench } from './mapping-bench.ts';
import { loadOrganizationLinks } from './organization-links.ts';
import { outboundDocuments } from './outbound-documents.ts';
import { agreementsByOwner } from './renewal-documents.ts';
import { rightsNow } from './rights.ts';
import { loadSkuCatalogue } from './sku-catalogue.ts';

/** Records that an impact is derived from at most; more are said, and not looked at. */
const MOST_RECORDS = 20_000;
const CHUNK = 1_000;
/** A renewal is forecast as far ahead as terms are sold. */
const FORECAST_DAYS = 36_500;

type Changes = Map<string, Map<string, FactNounBody | null>>;

/**
 * What would move if a content of a mapping were in effect and every landed record were mapped with it: the customers,
 * orders and invoices, service dates, rights and renewals, before and after. The facts that would change go through the
 * same arithmetic that derives rights and renewals; nothing is written. Throws NotFoundError where no connection is of
 * the mapping's system.
 */
export async function impactOf(
  deps: Pick<Deps, 'mappings' | 'clock'>,
  tx: TenantTx,
  change: { readonly draft: Mapping; readonly live: Mapping | null; readonly connection?: string },
): Promise<Impact> {
  const bench = await benchOf(deps, tx, change, change.connection);
  return bench.direction.kind === 'inbound'
    ? inboundImpact(deps, tx, bench, bench.direction.stream)
    : outboundImpact(deps, tx, bench, bench.direction.document);
}

async function inboundImpact(
  deps: Pick<Deps, 'clock'>,
  tx: TenantTx,
  bench: MappingBench,
  stream: string,
): Promise<Impact> {
  const connection = bench.connection.id;
  const all = await newestRecordIds(tx, { connection, stream }, MOST_RECORDS + 1);
  const ids = all.slice(0, MOST_RECORDS);
  const { counts, changes } = await changesOf(deps, tx, bench, ids);
  const facts = readFacts(tx);
  const before = await worldOf(deps, tx, facts);
  const touches = [...changes.values()].some((refs) => refs.size > 0);
  const after = touches
    ? await worldOf(deps, tx, readWithChanges(facts, connection, changes))
    : before;
  return {
    connection,
    object: stream,
    records: ids.length,
    complete: all.length <= MOST_RECORDS,
    counts,
    ...movedRecords(
      changes,
      await factsBefore(facts, connection, changes),
      { before, after },
      await documentHeads(facts, connection, changes.keys(), before.organizations),
    ),
    entitlements: movedEntitlements(before, after),
    renewals: movedRenewals(before, after),
    notes: notesOf(all.length <= MOST_RECORDS, counts),
  };
}

function notesOf(complete: boolean, counts: Readonly<Record<Outcome, number>>): readonly string[] {
  return [
    ...(complete ? [] : [`Only the ${MOST_RECORDS} records that landed last were looked at.`]),
    ...(counts.blocked === 0
      ? []
      : [`${counts.blocked} records would not map; they keep what they gave before.`]),
  ];
}

async function changesOf(
  deps: Pick<Deps, 'clock'>,
  tx: TenantTx,
  bench: MappingBench,
  ids: readonly string[],
): Promise<{ readonly counts: Record<Outcome, number>; readonly changes: Changes }> {
  const counts = emptyCounts();
  const changes: Changes = new Map();
  const given: GivenRefs = new Map();
  const startedAt = deps.clock.now().toISOString();
  for (let from = 0; from < ids.length; from += CHUNK) {
    const chunk = ids.slice(from, from + CHUNK);
    for (const each of await compareSample(tx, bench, chunk, { startedAt, given })) {
      counts[each.compared.outcome] += 1;
      noteChanges(changes, each);
    }
  }
  return { counts, changes };
}

/** What does not map, or is another record's, leaves the ledger as it is. */
function noteChanges(changes: Changes, { draft, compared }: ComparedSample): void {
  if (compared.outcome === 'blocked' || compared.outcome === 'conflict') return;
  const items = draft.kind === 'mapped' ? draft.items : [];
  const drafted = new Map(items.map(({ noun, ref, values }) => [`${noun}/${ref}`, values]));
  for (const { noun, ref, change } of compared.items) {
    if (change === 'same' || change === 'unknown') continue;
    const refs = changes.get(noun) ?? new Map<string, FactNounBody | null>();
    changes.set(noun, refs);
    // The plan has checked the body against the noun's schema.
    refs.set(ref, (drafted.get(`${noun}/${ref}`) ?? null) as FactNounBody | null);
  }
}

function emptyCounts(): Record<Outcome, number> {
  return Object.fromEntries(OUTCOMES.map((each) => [each, 0])) as Record<Outcome, number>;
}

/** The facts that would change, as they stand. */
async function factsBefore(
  facts: FactReader,
  connection: string,
  changes: Changes,
): Promise<ReadonlyMap<string, FactNounBody>> {
  const found = new Map<string, FactNounBody>();
  for (const [noun, refs] of changes) {
    for (const fact of await facts(noun as FactNoun))
      if (fact.connection === connection && refs.has(fact.externalRef))
        found.set(`${noun}/${fact.externalRef}`, fact.body);
  }
  return found;
}

/** Rights and renewals as they follow from these facts. */
async function worldOf(deps: Pick<Deps, 'clock'>, tx: TenantTx, facts: FactReader): Promise<World> {
  const organizations = await loadOrganizationLinks(tx, facts);
  const catalogue = await loadSkuCatalogue(tx, facts);
  const today = deps.clock.today();
  const rights = await rightsNow(tx, { organizations, catalogue, today }, facts);
  const settings = await commerceSettings(tx);
  const crm = await connectionForRole(tx, 'crm', settings.crm);
  const drafts = (await factsOf(tx, 'entitlement')).map(({ body }) => body);
  const given = new Set(rights.entitlements.map(({ externalRef }) => externalRef));
  const entitlements = [
    ...rights.entitlements,
    ...drafts.filter(({ externalRef }) => !given.has(externalRef)),
  ];
  const renewals: readonly RenewalTerm[] = renewalsDue({
    entitlements: entitlements.map((body) => ownFact('entitlement', body)),
    transactions: rights.transactions.map((body) => ownFact('entitlementTransaction', body)),
    agreements: await agreementsByOwner(tx, crm, facts),
    today,
    settings: { ...settings, renewalLeadDays: FORECAST_DAYS },
  });
  const names = new Map(
    organizations.accounts.map((fact) => [fact.externalRef, fact.body.legalName]),
  );
  return { organizations, entitlements, renewals, names };
}

function ownFact<Name extends FactNoun>(noun: Name, body: Fact<Name>['body']): Fact<Name> {
  const { externalRef } = body;
  return {
    factId: '',
    noun,
    connection: OWN_CONNECTION,
    externalRef,
    body,
    lineage: null,
    recordedFrom: '',
  };
}

async function outboundImpact(
  deps: Pick<Deps, 'clock'>,
  tx: TenantTx,
  bench: MappingBench,
  name: string,
): Promise<Impact> {
  const all = await outboundDocuments(deps, tx, name, bench.connection.id);
  const documents = all.slice(0, MOST_RECORDS);
  const context = await outboundContext(tx, bench, deps.clock.now().toISOString());
  const present = await writtenRecords(tx, bench, documents);
  const compared = await compareDocuments(bench, documents, context, present);
  const counts = emptyCounts();
  for (const each of compared) counts[each.compared.outcome] += 1;
  const world = await worldOf(deps, tx, readFacts(tx));
  const complete = all.length <= MOST_RECORDS;
  return {
    connection: bench.connection.id,
    object: name,
    records: documents.length,
    complete,
    counts,
    ...movedRecords(
      new Map(),
      new Map(),
      { before: world, after: world },
      () => ({ number: null, customer: null }),
      compared,
    ),
    entitlements: movedEntitlements(world, world),
    renewals: movedRenewals(world, world),
    notes: notesOf(complete, counts),
  };
}
