import type { AuditExtract } from '../../audit/evidence/audit-extract.ts';
import type { EvidenceTable } from '../../audit/evidence/table.ts';
import type { Fact, FactNoun } from '../../ledger/fact.ts';
import type { CycleRecord } from '../../licensing/cycles/cycle-record.ts';
import { OWN } from '../../licensing/pools.ts';
import type { Reconciliation } from '../../licensing/reconcile.ts';
import type { Snapshot } from '../../licensing/snapshot.ts';
import type { Cut } from './evidence-cut.ts';
import { factTable } from './fact-table.ts';
import { changeTable, cycleTables, findingTable, positionTable } from './result-tables.ts';

/** Papers that no arithmetic reads and an auditor asks for. */
export interface Papers {
  readonly agreementDocuments: readonly Fact<'agreementDocument'>[];
  readonly activations: readonly Fact<'activation'>[];
  readonly purchaseOrders: readonly Fact<'purchaseOrder'>[];
  readonly purchaseOrderLines: readonly Fact<'purchaseOrderLine'>[];
}

/** What a pack tells of. */
export interface EvidenceSource {
  readonly runId: string;
  readonly snapshot: Snapshot;
  readonly reconciliation: Reconciliation;
  readonly papers: Papers;
  /** Null for a run that belongs to no cycle. */
  readonly cycle: CycleRecord | null;
  readonly audit: AuditExtract;
  readonly cut: Cut;
}

/** The tables of a pack, results first. Pure; rows in an order of their own, so the same source gives the same tables. */
export function evidenceTables(source: EvidenceSource): readonly EvidenceTable[] {
  const { reconciliation, cut, cycle } = source;
  const positions = reconciliation.positions.filter(({ line }) => cut.line(line));
  const findings = reconciliation.findings.filter(cut.finding);
  const subjects = new Set([
    ...positions.map(({ line }) => `position:${line.id}`),
    ...findings.map(({ id }) => `finding:${id}`),
  ]);
  const told = ({ subject }: { readonly subject: string }) => cut.whole || subjects.has(subject);
  const rights = rightsTables(source);
  const ids = new Set([
    source.runId,
    ...(cycle === null ? [] : [cycle.id]),
    ...findings.map(({ id }) => id),
    ...rights.kept,
  ]);
  return [
    positionTable(positions),
    findingTable(findings),
    ...rights.tables,
    ...demandTables(source),
    ...(cycle === null
      ? []
      : cycleTables({
          signOffs: cycle.signOffs,
          decisions: cycle.decisions.filter(told),
          tasks: cycle.tasks.filter(told),
          history: cycle.history,
        })),
    changeTable(
      source.audit.rows.filter(({ entry }) => cut.whole || ids.has(entry?.subjectId ?? '')),
    ),
  ];
}

/** What is owned and by which papers; a cut keeps the papers of the rights that it keeps. */
function rightsTables({ snapshot, papers, reconciliation, cut }: EvidenceSource) {
  const { whole } = cut;
  const entitlements = snapshot.entitlements.filter(({ body }) => cut.line(body));
  const rights = refsOf(entitlements);
  const transactions = snapshot.transactions.filter(({ body }) => whole || rights.has(body.entitlementRef)); // prettier-ignore
  const orderRefs = new Set(entitlements.map(({ body }) => body.orderRef));
  const agreementRefs = new Set(entitlements.map(({ body }) => body.agreementRef));
  const ofAgreement = <Name extends FactNoun>(all: readonly Fact<Name>[], ref: (fact: Fact<Name>) => string | undefined) => all.filter((fact) => whole || agreementRefs.has(ref(fact))); // prettier-ignore
  const agreements = ofAgreement(snapshot.agreements, ({ externalRef }) => externalRef);
  const orders = snapshot.orders.filter(({ externalRef }) => whole || orderRefs.has(externalRef));
  const purchases = papers.purchaseOrders.filter(({ externalRef }) => whole || orderRefs.has(externalRef)); // prettier-ignore
  const ofKept = (kept: ReadonlySet<string>, ref: string, skuCode: string) => whole || (kept.has(ref) && entitlements.some(({ body }) => body.skuCode === skuCode)); // prettier-ignore
  const [orderIds, purchaseIds] = [refsOf(orders), refsOf(purchases)];
  const applied = new Set(
    reconciliation.positions
      .filter(({ line }) => cut.line(line))
      .flatMap(({ inputs }) => (inputs.exceptions ?? []).map(({ id }) => id)),
  );
  const exceptions = snapshot.exceptions.filter(
    ({ externalRef, body: { skuCode = '', ownerRef = '' } }) =>
      applied.has(externalRef) || cut.line({ skuCode, ownerRef }),
  );
  return {
    kept: new Set([...rights, ...refsOf(exceptions)]),
    tables: [
      factTable('entitlements', 'entitlement', entitlements),
      factTable('entitlement-transactions', 'entitlementTransaction', transactions),
      factTable('agreements', 'agreement', agreements),
      factTable('documents', 'agreementDocument', ofAgreement(papers.agreementDocuments, ({ body }) => body.agreementRef)), // prettier-ignore
      factTable('orders', 'order', orders),
      factTable('order-lines', 'orderLine', snapshot.orderLines.filter(({ body }) => ofKept(orderIds, body.orderRef, body.skuCode))), // prettier-ignore
      factTable('purchase-orders', 'purchaseOrder', purchases),
      factTable('purchase-order-lines', 'purchaseOrderLine', papers.purchaseOrderLines.filter(({ body }) => ofKept(purchaseIds, body.purchaseOrderRef, body.skuCode))), // prettier-ignore
      factTable('exceptions', 'exception', exceptions),
    ],
  };
}

/** Who holds what and where it runs; a cut keeps the logins and machines of the seats and copies that it keeps. */
function demandTables({ snapshot, papers, cut }: EvidenceSource): readonly EvidenceTable[] {
  const { whole } = cut;
  const partyOf = (body: { readonly posture: string; readonly customerRef?: string | undefined }) =>
    body.posture === 'licensee' ? OWN : (body.customerRef ?? '');
  const seats = snapshot.seats.filter(({ body }) => cut.line({ skuCode: body.skuCode, ownerRef: partyOf(body) })); // prettier-ignore
  const instances = snapshot.instances.filter(
    ({ body }) => whole || (body.skuCode !== undefined && cut.line({ skuCode: body.skuCode, ownerRef: partyOf(body) })), // prettier-ignore
  );
  const named = (refs: readonly (string | undefined)[]) => {
    const kept = new Set(refs);
    return ({ externalRef }: { readonly externalRef: string }) => whole || kept.has(externalRef);
  };
  const copies = instances.map(({ body }) => body);
  const vms = snapshot.vms.filter(named(copies.map(({ vmRef }) => vmRef)));
  const hostRefs = [
    ...copies.map(({ hostRef }) => hostRef),
    ...vms.map(({ body }) => body.hostRef),
  ];
  const activations = papers.activations.filter(
    ({ body }) => whole || cut.line({ skuCode: body.skuCode, ownerRef: body.customerRef ?? OWN }),
  );
  return [
    factTable('seats', 'seatAssignment', seats),
    factTable('accounts', 'userAccount', snapshot.accounts.filter(named(seats.map(({ body }) => body.userAccountRef)))), // prettier-ignore
    factTable('installations', 'productInstance', instances),
    factTable('activations', 'activation', activations),
    factTable('devices', 'device', snapshot.devices.filter(named(copies.map(({ deviceRef }) => deviceRef)))), // prettier-ignore
    factTable('hosts', 'host', snapshot.hosts.filter(named(hostRefs))),
    factTable('virtual-machines', 'vm', vms),
  ];
}

function refsOf(facts: readonly { readonly externalRef: string }[]): ReadonlySet<string> {
  return new Set(facts.map(({ externalRef }) => externalRef));
}
