import { addDays, type LocalDate } from '../kernel/dates.ts';
import type { Fact } from '../ledger/fact.ts';
import type { AccountLink } from '../ledger/identity/identities.ts';
import type { OrganizationLink } from '../ledger/identity/link-organizations.ts';
import { DEFAULT_DETECTION, type DetectionPolicy } from './detection-policy.ts';

/** The facts and links that a reconciliation reads. */
export interface SnapshotFacts {
  readonly skus: readonly Fact<'sku'>[];
  readonly skuAliases: readonly Fact<'skuAlias'>[];
  readonly agreements: readonly Fact<'agreement'>[];
  readonly entitlements: readonly Fact<'entitlement'>[];
  readonly transactions: readonly Fact<'entitlementTransaction'>[];
  readonly allocations: readonly Fact<'allocation'>[];
  readonly groups: readonly Fact<'userGroup'>[];
  readonly seats: readonly Fact<'seatAssignment'>[];
  readonly seatCounts: readonly Fact<'seatCount'>[];
  readonly exceptions: readonly Fact<'exception'>[];
  readonly usage: readonly Fact<'usageObservation'>[];
  readonly devices: readonly Fact<'device'>[];
  readonly hosts: readonly Fact<'host'>[];
  readonly vms: readonly Fact<'vm'>[];
  readonly instances: readonly Fact<'productInstance'>[];
  readonly checkouts: readonly Fact<'checkoutInterval'>[];
  readonly denials: readonly Fact<'denialEvent'>[];
  readonly metricRules: readonly Fact<'metricRuleVersion'>[];
  readonly factorTables: readonly Fact<'factorTable'>[];
  readonly factorRows: readonly Fact<'factorRow'>[];
  readonly ruleSetVersions: readonly Fact<'ruleSetVersion'>[];
  readonly accounts: readonly Fact<'userAccount'>[];
  readonly spells: readonly Fact<'employmentSpell'>[];
  readonly organizations: readonly Fact<'organization'>[];
  readonly opportunities: readonly Fact<'opportunity'>[];
  readonly opportunityLines: readonly Fact<'opportunityLine'>[];
  readonly orders: readonly Fact<'order'>[];
  readonly orderLines: readonly Fact<'orderLine'>[];
  readonly invoices: readonly Fact<'invoice'>[];
  readonly invoiceLines: readonly Fact<'invoiceLine'>[];
  readonly usageSources: readonly Fact<'usageSource'>[];
  readonly upliftPolicies: readonly Fact<'upliftPolicy'>[];
  readonly priceSchedules: readonly Fact<'priceSchedule'>[];
  readonly priceTiers: readonly Fact<'priceTier'>[];
  readonly useRights: readonly Fact<'useRight'>[];
  readonly consumptionRules: readonly Fact<'consumptionRule'>[];
  readonly sublicenses: readonly Fact<'sublicense'>[];
  readonly suiteComponents: readonly Fact<'suiteComponent'>[];
  readonly affiliateDefinitions: readonly Fact<'affiliateDefinition'>[];
  readonly organizationRelationships: readonly Fact<'organizationRelationship'>[];
  /** Which login belongs to which person. */
  readonly links: readonly AccountLink[];
  /** Which ERP customer is which CRM account. */
  readonly organizationLinks: readonly OrganizationLink[];
}

/** The world as one run sees it: frozen, so that the same snapshot always gives the same result (rule c.0). */
export interface Snapshot extends SnapshotFacts {
  /** The day that is reconciled; rights and seats in force on it count. */
  readonly asOf: LocalDate;
  /** The day on which demand is counted where it is another one: only between two runs that are compared. */
  readonly demandDay?: LocalDate;
  /** The day whose rules count where it is another one: only between two runs that are compared. */
  readonly ruleDay?: LocalDate;
  /** The system time as of which the facts were read, ISO 8601. */
  readonly knownAt: string;
  /** The time over which peaks and averages are taken, half-open, in milliseconds since 1970. */
  readonly window: { readonly from: number; readonly to: number };
  /** From when on something is a finding. */
  readonly detection: DetectionPolicy;
}

const NOTHING: SnapshotFacts = {
  skus: [],
  skuAliases: [],
  agreements: [],
  entitlements: [],
  transactions: [],
  allocations: [],
  groups: [],
  seatCounts: [],
  exceptions: [],
  seats: [],
  usage: [],
  devices: [],
  hosts: [],
  vms: [],
  instances: [],
  checkouts: [],
  denials: [],
  metricRules: [],
  factorTables: [],
  factorRows: [],
  ruleSetVersions: [],
  accounts: [],
  spells: [],
  organizations: [],
  opportunities: [],
  opportunityLines: [],
  orders: [],
  orderLines: [],
  invoices: [],
  invoiceLines: [],
  usageSources: [],
  upliftPolicies: [],
  priceSchedules: [],
  priceTiers: [],
  useRights: [],
  consumptionRules: [],
  sublicenses: [],
  suiteComponents: [],
  affiliateDefinitions: [],
  organizationRelationships: [],
  links: [],
  organizationLinks: [],
};

/** What a run may be told besides its day. */
interface SnapshotTerms {
  readonly window?: Snapshot['window'];
  readonly detection?: DetectionPolicy;
}

/** A snapshot of what is given; what is left out does not exist. */
export function snapshotOf(
  asOf: LocalDate,
  knownAt: string,
  facts: Partial<SnapshotFacts>,
  { window = monthBefore(asOf), detection = DEFAULT_DETECTION }: SnapshotTerms = {},
): Snapshot {
  return { ...NOTHING, ...facts, asOf, knownAt, window, detection };
}

/** Over how many days peaks and averages are taken where nobody says otherwise. */
const WINDOW_DAYS = 28;

/** The days up to and with the given one, in UTC. */
function monthBefore(asOf: LocalDate): Snapshot['window'] {
  const to = Date.parse(`${addDays(asOf, 1)}T00:00:00.000Z`);
  return { from: Date.parse(`${addDays(asOf, 1 - WINDOW_DAYS)}T00:00:00.000Z`), to };
}
