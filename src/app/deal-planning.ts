import type { Entitlement } from '../canonical/entitlement.ts';
import type { Opportunity } from '../canonical/opportunity.ts';
import type { OutboundOrder } from '../canonical/outbound/outbound-order.ts';
import type { Deal } from '../commerce/deals.ts';
import { drawUpDeal, type DealDraft, type DealProblem } from '../commerce/draw-up-deal.ts';
import type { Lateness } from '../commerce/late-deal.ts';
import type { CommerceSettings } from '../commerce/settings.ts';
import type { TenantTx } from '../db/store.ts';
import type { Effect } from '../delivery/effect.ts';
import type { Plan } from '../delivery/plans.ts';
import { connectionForRole, getConnection, type Connection } from '../intake/connections.ts';
import { hashJson } from '../kernel/hash.ts';
import type { Money } from '../kernel/money.ts';
import type { Fact } from '../ledger/fact.ts';
import { factsOf } from '../ledger/facts.ts';
import { settingVersion } from './company-settings.ts';
import type { Deps } from './deps.ts';
import { lookAtLate, notesOf, type LateReview } from './late-planning.ts';
import { loadOrganizationLinks, type OrganizationLinks } from './organization-links.ts';
import { effectsOn, type Effects } from './outbound-effects.ts';
import { loadSkuCatalogue, type SkuCatalogue } from './sku-catalogue.ts';
import { version } from './version.ts';

/** What a plan says: who, what shall stand where, on what evidence, and what is in the way. */
export interface PlanBody {
  readonly dealId: string;
  readonly opportunity: {
    readonly connection: string;
    readonly ref: string;
    readonly name: string;
  };
  readonly total: Money | null;
  readonly entitlements: readonly Entitlement[];
  /** The order as it was drawn up: what a reopening reverses. */
  readonly order: OutboundOrder | null;
  readonly effects: readonly Effect[];
  readonly problems: readonly DealProblem[];
  /** Facts that the plan was drawn up from. */
  readonly inputs: readonly {
    readonly factId: string;
    readonly noun: string;
    readonly externalRef: string;
  }[];
  readonly mappings: Effects['mappings'];
  /** Versions of what decided beside the mappings: of the company's settings, and of this program. */
  readonly decidedWith?: { readonly settings: number; readonly program: string };
  /** Hash of what would be done; equal content is one plan. */
  readonly contentHash: string;
  readonly notes: readonly string[];
  /** A deal that became known long after it was won. */
  readonly late?: Lateness;
  /** Of a late deal whose customer holds the rights already: a person decides what it is (fault case 45). */
  readonly review?: LateReview;
}

/** What planning of several deals shares. */
export interface DealWorld {
  readonly settings: CommerceSettings;
  /** How often the settings were changed: with the mappings' versions, what a plan can be drawn up from again. */
  readonly settingsVersion: number;
  readonly crm: Connection;
  readonly erp: Connection | null;
  readonly organizations: OrganizationLinks;
  readonly catalogue: SkuCatalogue;
}

/** Loads what the plans of one CRM connection are drawn up from. */
export async function loadDealWorld(
  tx: TenantTx,
  crm: string,
  settings: CommerceSettings,
): Promise<DealWorld> {
  return {
    settings,
    settingsVersion: await settingVersion(tx, 'commerce'),
    crm: await getConnection(tx, crm),
    erp: await connectionForRole(tx, 'erp', settings.erp),
    organizations: await loadOrganizationLinks(tx),
    catalogue: await loadSkuCatalogue(tx),
  };
}

/** The deal that a plan is drawn up for, and the plan that it rests on. */
interface PlannedDeal {
  readonly deal: Pick<Deal, 'id' | 'opportunityRef' | 'wonAt' | 'firstPlannedOn'>;
  readonly basis: Pick<Plan<PlanBody>, 'status'> | null;
}

/**
 * Draws up one deal and turns it into effects in the ERP and the CRM. Pure but for reading: called again before
 * apply, it shows whether the world has moved since the plan was approved. Null when the opportunity is unknown.
 */
export async function planDeal(
  deps: Deps,
  tx: TenantTx,
  world: DealWorld,
  { deal, basis }: PlannedDeal,
): Promise<PlanBody | null> {
  const [opportunity] = await factsOf(tx, 'opportunity', {
    connection: world.crm.id,
    refs: [deal.opportunityRef],
  });
  if (opportunity === undefined) return null;
  const lines = await factsOf(tx, 'opportunityLine', {
    connection: world.crm.id,
    where: { opportunityRef: deal.opportunityRef },
  });
  const erpCustomer = world.erp === null ? null : erpCustomerOf(world, world.erp, opportunity.body);
  const draft = drawUpDeal({
    dealId: deal.id,
    opportunity,
    lines,
    skus: world.catalogue.bySku,
    erpCustomer,
    today: deps.clock.today(),
    settings: world.settings,
  });
  const outbound = await dealEffects(deps, tx, world, draft);
  const problems = [
    ...draft.problems,
    ...outbound.failures.map((each) => ({
      code: each.code,
      message: each.message,
      subject: each.canonicalId,
    })),
    ...(world.erp === null
      ? [{ code: 'no_erp', message: 'No ERP is connected. Add the connection.', subject: deal.id }]
      : []),
  ];
  const lateness = problems.length > 0 ? {} : await lookAtLate(deps, tx, world, { deal, basis, draft, opportunity }); // prettier-ignore
  const inputs = [opportunity, ...lines, ...(erpCustomer === null ? [] : [erpCustomer])];
  return {
    dealId: deal.id,
    opportunity: {
      connection: world.crm.id,
      ref: deal.opportunityRef,
      name: opportunity.body.name,
    },
    total: draft.total,
    entitlements: draft.entitlements,
    order: draft.order,
    effects: outbound.effects,
    problems,
    inputs: inputs.map(({ factId, noun, externalRef }) => ({ factId, noun, externalRef })),
    mappings: outbound.mappings,
    decidedWith: { settings: world.settingsVersion, program: version() },
    contentHash: contentHashOf(outbound.effects, draft.entitlements, problems),
    notes: notesOf(lateness),
    ...lateness,
  };
}

/** The ERP customer that an opportunity's order is for; null when no rule links one. */
export function erpCustomerOf(
  world: DealWorld,
  erp: Connection,
  opportunity: Opportunity,
): Fact<'organization'> | null {
  const { accountRef, currency } = opportunity;
  return world.organizations.customerOf(erp.id, {
    connection: world.crm.id,
    ref: accountRef,
    currency,
  });
}

async function dealEffects(
  deps: Deps,
  tx: TenantTx,
  world: DealWorld,
  draft: DealDraft,
): Promise<Effects> {
  const none: Effects = { effects: [], failures: [], mappings: [] };
  const common = { canonicalId: draft.dealId, vendorId: null };
  const order =
    draft.order === null || world.erp === null
      ? none
      : await effectsOn(deps, tx, world.erp, [
          { ...common, name: 'outboundOrder', document: draft.order },
        ]);
  const contract =
    draft.contract === null
      ? none
      : await effectsOn(deps, tx, world.crm, [
          { ...common, name: 'outboundContract', document: draft.contract },
        ]);
  return {
    effects: [...order.effects, ...contract.effects],
    failures: [...order.failures, ...contract.failures],
    mappings: [...order.mappings, ...contract.mappings],
  };
}

/** The hash of what would be done. A new version of a mapping that gives the same values is no other plan. */
export function contentHashOf(
  effects: readonly Effect[],
  entitlements: readonly Entitlement[],
  problems: readonly DealProblem[],
): string {
  const done = effects.map(({ connection, object, canonicalId, vendorId, fields }) => ({
    connection,
    object,
    canonicalId,
    vendorId,
    fields,
  }));
  return hashJson({ effects: done, entitlements, problems });
}

/**
 * The hash that an approval binds to: what would be done, the facts it rests on, the plan that was applied before it,
 * so that going back to an earlier content is a plan of its own, and the rights that a late deal may double.
 */
export function planHash(body: PlanBody, basis: string | null): string {
  return hashJson({
    content: body.contentHash,
    inputs: body.inputs.map((input) => input.factId),
    basis,
    ...(body.review === undefined ? {} : { review: body.review.standing }),
  });
}
