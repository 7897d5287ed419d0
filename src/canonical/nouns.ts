import type * as z from 'zod';
import { Activation } from './activation.ts';
import { AffiliateDefinition } from './affiliate-definition.ts';
import { AgreementDocument } from './agreement-document.ts';
import { Agreement } from './agreement.ts';
import { AllocationLine } from './allocation-line.ts';
import { Allocation } from './allocation.ts';
import { Asset } from './asset.ts';
import { Budget } from './budget.ts';
import { CheckoutInterval } from './checkout-interval.ts';
import { Cluster } from './cluster.ts';
import { ConsumptionRule } from './consumption-rule.ts';
import { Contract } from './contract.ts';
import { DemandLine } from './demand-line.ts';
import { DenialEvent } from './denial-event.ts';
import { Department } from './department.ts';
import { Device } from './device.ts';
import { EmploymentSpell } from './employment-spell.ts';
import { EntitlementPool } from './entitlement-pool.ts';
import { EntitlementTransaction } from './entitlement-transaction.ts';
import { Entitlement } from './entitlement.ts';
import { EvidencePack } from './evidence-pack.ts';
import { Exception } from './exception.ts';
import { FactorRow } from './factor-row.ts';
import { FactorTable } from './factor-table.ts';
import { Finding } from './finding.ts';
import { FiscalCalendar } from './fiscal-calendar.ts';
import { Host } from './host.ts';
import { IdentityLink } from './identity-link.ts';
import { InvoiceLine } from './invoice-line.ts';
import { Invoice } from './invoice.ts';
import { MetricRuleVersion } from './metric-rule-version.ts';
import { Metric } from './metric.ts';
import { OpportunityLine } from './opportunity-line.ts';
import { OpportunityStage } from './opportunity-stage.ts';
import { Opportunity } from './opportunity.ts';
import { OrderLine } from './order-line.ts';
import { Order } from './order.ts';
import { OrganizationMerger } from './organization-merger.ts';
import { OrganizationRelationship } from './organization-relationship.ts';
import { Organization } from './organization.ts';
import { Person } from './person.ts';
import { PositionLine } from './position-line.ts';
import { PriceSchedule } from './price-schedule.ts';
import { PriceTier } from './price-tier.ts';
import { ProductInstance } from './product-instance.ts';
import { Project } from './project.ts';
import { ProrationPolicy } from './proration-policy.ts';
import { Publisher } from './publisher.ts';
import { PurchaseOrderLine } from './purchase-order-line.ts';
import { PurchaseOrder } from './purchase-order.ts';
import { QuoteLine } from './quote-line.ts';
import { Quote } from './quote.ts';
import { ReconciliationCycle } from './reconciliation-cycle.ts';
import { ReconciliationRun } from './reconciliation-run.ts';
import { RemediationTask } from './remediation-task.ts';
import { RenewalTerm } from './renewal-term.ts';
import { RuleSetVersion } from './rule-set-version.ts';
import { RuleSet } from './rule-set.ts';
import { SeatAssignment } from './seat-assignment.ts';
import { SeatCount } from './seat-count.ts';
import { SignOff } from './sign-off.ts';
import { SkuAlias } from './sku-alias.ts';
import { Sku } from './sku.ts';
import { SoftwareModel } from './software-model.ts';
import { SoftwareProduct } from './software-product.ts';
import { StageTransition } from './stage-transition.ts';
import { Sublicense } from './sublicense.ts';
import { Subsidiary } from './subsidiary.ts';
import { SuiteComponent } from './suite-component.ts';
import { UpliftPolicy } from './uplift-policy.ts';
import { UsageObservation } from './usage-observation.ts';
import { UsageSource } from './usage-source.ts';
import { UseRight } from './use-right.ts';
import { UserAccount } from './user-account.ts';
import { UserGroup } from './user-group.ts';
import { Vm } from './vm.ts';

/** The catalogue of canonical nouns: the names that mappings, the ledger, the API and the CLI use. */
export const NOUNS = {
  activation: Activation,
  affiliateDefinition: AffiliateDefinition,
  agreement: Agreement,
  agreementDocument: AgreementDocument,
  allocation: Allocation,
  allocationLine: AllocationLine,
  asset: Asset,
  budget: Budget,
  checkoutInterval: CheckoutInterval,
  cluster: Cluster,
  consumptionRule: ConsumptionRule,
  contract: Contract,
  demandLine: DemandLine,
  denialEvent: DenialEvent,
  department: Department,
  device: Device,
  employmentSpell: EmploymentSpell,
  entitlement: Entitlement,
  entitlementPool: EntitlementPool,
  entitlementTransaction: EntitlementTransaction,
  evidencePack: EvidencePack,
  exception: Exception,
  factorRow: FactorRow,
  factorTable: FactorTable,
  finding: Finding,
  fiscalCalendar: FiscalCalendar,
  host: Host,
  identityLink: IdentityLink,
  invoice: Invoice,
  invoiceLine: InvoiceLine,
  metric: Metric,
  metricRuleVersion: MetricRuleVersion,
  opportunity: Opportunity,
  opportunityLine: OpportunityLine,
  opportunityStage: OpportunityStage,
  order: Order,
  orderLine: OrderLine,
  organization: Organization,
  organizationMerger: OrganizationMerger,
  organizationRelationship: OrganizationRelationship,
  person: Person,
  positionLine: PositionLine,
  priceSchedule: PriceSchedule,
  priceTier: PriceTier,
  productInstance: ProductInstance,
  project: Project,
  prorationPolicy: ProrationPolicy,
  publisher: Publisher,
  purchaseOrder: PurchaseOrder,
  purchaseOrderLine: PurchaseOrderLine,
  quote: Quote,
  quoteLine: QuoteLine,
  reconciliationCycle: ReconciliationCycle,
  reconciliationRun: ReconciliationRun,
  remediationTask: RemediationTask,
  renewalTerm: RenewalTerm,
  ruleSet: RuleSet,
  ruleSetVersion: RuleSetVersion,
  seatAssignment: SeatAssignment,
  seatCount: SeatCount,
  signOff: SignOff,
  sku: Sku,
  skuAlias: SkuAlias,
  softwareModel: SoftwareModel,
  softwareProduct: SoftwareProduct,
  stageTransition: StageTransition,
  sublicense: Sublicense,
  subsidiary: Subsidiary,
  suiteComponent: SuiteComponent,
  upliftPolicy: UpliftPolicy,
  usageObservation: UsageObservation,
  usageSource: UsageSource,
  useRight: UseRight,
  userAccount: UserAccount,
  userGroup: UserGroup,
  vm: Vm,
} as const;

export type NounName = keyof typeof NOUNS;
export type Noun<Name extends NounName> = z.infer<(typeof NOUNS)[Name]>;

/** True if the text names a canonical noun. */
export function isNounName(text: string): text is NounName {
  return Object.hasOwn(NOUNS, text);
}
