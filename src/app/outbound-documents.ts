import { isNounName, NOUNS } from '../canonical/nouns.ts';
import {
  isOutboundDocumentName,
  type OutboundDocumentName,
} from '../canonical/outbound/outbound-documents.ts';
import { cutOverDate, wonDeals } from '../commerce/deals.ts';
import { drawUpDeal, type DealDraft } from '../commerce/draw-up-deal.ts';
import type { TenantTx } from '../db/store.ts';
import { connectionForRole } from '../intake/connections.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { FactNoun } from '../ledger/fact.ts';
import { factsOf } from '../ledger/facts.ts';
import { latestRun } from '../licensing/runs.ts';
import { positionDocuments } from './account-summaries.ts';
import { assetDocuments } from './asset-documents.ts';
import { commerceSettings } from './commerce-settings.ts';
import { erpCustomerOf, loadDealWorld } from './deal-planning.ts';
import type { Deps } from './deps.ts';
import { loadOrganizationLinks } from './organization-links.ts';
import { renewalDocument } from './renewal-documents.ts';
import { seatDocuments } from './seat-documents.ts';
import type { SourceDocument } from './source-document.ts';
import { loadSkuCatalogue } from './sku-catalogue.ts';

/**
 * Every document of one kind that would be handed now to the outbound mapping of a connection (named by its id, or by its
 * connector), or every fact of a noun; in the order of their ids. Reads only.
 */
export async function outboundDocuments(
  deps: Pick<Deps, 'clock'>,
  tx: TenantTx,
  name: string,
  to: string,
): Promise<readonly SourceDocument[]> {
  const documents = isOutboundDocumentName(name)
    ? await documentsNamed(deps, tx, name, to)
    : await factDocuments(tx, name);
  return documents.toSorted((a, b) => (a.canonicalId < b.canonicalId ? -1 : 1));
}

/** Only nouns with a reference of their own are kept as facts. */
function isFactNoun(name: string): name is FactNoun {
  return isNounName(name) && 'externalRef' in NOUNS[name].shape;
}

async function factDocuments(tx: TenantTx, noun: string): Promise<readonly SourceDocument[]> {
  if (!isFactNoun(noun)) return [];
  const facts = await factsOf(tx, noun);
  return facts.map(({ externalRef, body }) => ({
    canonicalId: externalRef,
    vendorId: null,
    data: asJson(body),
  }));
}

async function documentsNamed(
  deps: Pick<Deps, 'clock'>,
  tx: TenantTx,
  name: OutboundDocumentName,
  to: string,
): Promise<readonly SourceDocument[]> {
  if (name === 'outboundSeat' || name === 'outboundLogin') return seatDocuments(tx, name);
  const settings = await commerceSettings(tx);
  const crm = await connectionForRole(tx, 'crm', settings.crm);
  if (crm === null) return [];
  switch (name) {
    case 'outboundAccountSummary': {
      const run = await latestRun(tx);
      if (run === undefined) return [];
      const erp = await connectionForRole(tx, 'erp', settings.erp);
      const shown = await positionDocuments(tx, { crm: crm.id, erp: erp?.id ?? null }, run);
      const isErp = erp !== null && (to === erp.id || to === erp.connector);
      return (isErp ? shown.customers : shown.accounts).map(toSource);
    }
    case 'outboundAsset': {
      const since = await cutOverDate(tx, crm.id);
      if (since === null) return [];
      const catalogue = await loadSkuCatalogue(tx);
      return (await assetDocuments(tx, catalogue, { crm: crm.id, since })).map(toSource);
    }
    case 'outboundRenewal': {
      const organizations = await loadOrganizationLinks(tx);
      const erp = await connectionForRole(tx, 'erp', settings.erp);
      const names = new Map(
        organizations.accounts.map((fact) => [fact.externalRef, fact.body.legalName]),
      );
      return (await factsOf(tx, 'renewalTerm')).map(({ body }) =>
        toSource({
          canonicalId: body.externalRef,
          vendorId: null,
          document: renewalDocument(body, names.get(body.ownerRef) ?? body.ownerRef, {
            crm,
            erp,
            organizations,
          }),
        }),
      );
    }
    case 'outboundContract':
      return (await dealDrafts(deps, tx, crm.id)).flatMap(({ dealId, contract }) =>
        contract === null
          ? []
          : [toSource({ canonicalId: dealId, vendorId: null, document: contract })],
      );
    case 'outboundOrder':
      return (await dealDrafts(deps, tx, crm.id)).flatMap(({ dealId, order }) =>
        order === null ? [] : [toSource({ canonicalId: dealId, vendorId: null, document: order })],
      );
  }
}

/** Every won deal drawn up as a plan would. */
async function dealDrafts(
  deps: Pick<Deps, 'clock'>,
  tx: TenantTx,
  crm: string,
): Promise<readonly DealDraft[]> {
  const world = await loadDealWorld(tx, crm, await commerceSettings(tx));
  const deals = await wonDeals(tx, crm);
  const opportunities = new Map(
    (await factsOf(tx, 'opportunity', { connection: crm })).map((fact) => [fact.externalRef, fact]),
  );
  const lines = Map.groupBy(
    await factsOf(tx, 'opportunityLine', { connection: crm }),
    (line) => line.body.opportunityRef,
  );
  return deals.flatMap((deal) => {
    const opportunity = opportunities.get(deal.opportunityRef);
    if (opportunity === undefined) return [];
    const draft = drawUpDeal({
      dealId: deal.id,
      opportunity,
      lines: lines.get(deal.opportunityRef) ?? [],
      skus: world.catalogue.bySku,
      erpCustomer: world.erp === null ? null : erpCustomerOf(world, world.erp, opportunity.body),
      today: deps.clock.today(),
      settings: world.settings,
    });
    return [draft];
  });
}

function toSource(given: {
  readonly canonicalId: string;
  readonly vendorId: string | null;
  readonly document: object;
}): SourceDocument {
  const { canonicalId, vendorId, document } = given;
  return { canonicalId, vendorId, data: asJson(document) };
}

/** Documents are plain data; members that are absent are left out. */
function asJson(document: object): JsonObject {
  return JSON.parse(JSON.stringify(document)) as JsonObject;
}
