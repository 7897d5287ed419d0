import { overlaps, type Period } from '../../kernel/dates.ts';
import { lineAmount, type Money } from '../../kernel/money.ts';
import type { Fact } from '../../ledger/fact.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import type { DriftWorld } from '../drift-world.ts';
import { bySource, compareText, groupBy } from '../sort.ts';
import type { Detector } from './detector.ts';

interface Term extends Period {
  readonly line: Fact<'orderLine'>;
  readonly order: Fact<'order'>;
  readonly agreementRef: string;
  readonly sku: string;
}

/** All that one contract sells of one part number to one customer. */
interface ContractTerms {
  readonly agreementRef: string;
  /** The start of the contract, else of its first line. */
  readonly start: string;
  readonly terms: readonly Term[];
}

function termsOf({ snapshot, catalogue }: DriftWorld): readonly Term[] {
  const orders = new Map(
    snapshot.orders
      .filter(
        ({ body }) => body.kind === 'crm' && body.status !== 'draft' && body.status !== 'cancelled',
      )
      .map((order) => [byAccount(order.connection, order.externalRef), order]),
  );
  return snapshot.orderLines.toSorted(bySource).flatMap((line) => {
    const order = orders.get(byAccount(line.connection, line.body.orderRef));
    const { validFrom, validTo, closed, skuCode } = line.body;
    const agreementRef = order?.body.agreementRef;
    if (order === undefined || agreementRef === undefined || validFrom === undefined || closed)
      return [];
    return {
      line,
      order,
      agreementRef,
      sku: catalogue.resolve(line.connection, skuCode),
      from: validFrom,
      to: validTo,
    };
  });
}

function contractsOf(
  terms: readonly Term[],
  agreements: ReadonlyMap<string, Fact<'agreement'>>,
): ContractTerms[] {
  return [...groupBy(terms, (term) => term.agreementRef)]
    .map(([agreementRef, own]) => {
      const firstLine = own.map((term) => term.from).toSorted()[0] ?? '';
      const agreement = agreements.get(byAccount(own[0]?.line.connection ?? '', agreementRef));
      return { agreementRef, start: agreement?.body.validFrom ?? firstLine, terms: own };
    })
    .toSorted(
      (left, right) =>
        compareText(left.start, right.start) || compareText(left.agreementRef, right.agreementRef),
    );
}

function collision(
  later: ContractTerms,
  earlier: readonly ContractTerms[],
): readonly [Term, Term] | null {
  for (const term of later.terms) {
    const other = earlier.flatMap((each) => each.terms).find((each) => overlaps(each, term));
    if (other !== undefined) return [term, other];
  }
  return null;
}

function amountOf({ line, order }: Term): Money | null {
  const currency = line.body.currency ?? order.body.currency;
  return currency === undefined
    ? null
    : lineAmount(line.body.quantity, line.body.unitPrice, currency);
}

/**
 * Two contracts that sell the same part number to the same customer for the same days: rights, and invoices, may be
 * counted twice. An add-on under the same contract and a renewal from the next day are none. The later contract is
 * the subject.
 */
export const overlappingTerms: Detector = {
  kind: 'overlapping_terms',
  version: 1,
  severity: 'high',
  detect(world) {
    const agreements = new Map(
      world.snapshot.agreements.map((each) => [byAccount(each.connection, each.externalRef), each]),
    );
    const known = termsOf(world).filter((term) => term.order.body.accountRef !== undefined);
    const groups = groupBy(known, ({ order, sku }) =>
      JSON.stringify([order.connection, order.body.accountRef, sku]),
    );
    return [...groups.values()].flatMap((group) => {
      const contracts = contractsOf(group, agreements);
      return contracts.flatMap((later, at) => {
        const found = collision(later, contracts.slice(0, at));
        if (found === null) return [];
        const [term, other] = found;
        return {
          subject: { type: 'Contract', id: later.agreementRef },
          connection: term.line.connection,
          sku: term.sku,
          money: amountOf(term),
          evidence: [term, other].flatMap((each) => [each.line.factId, each.order.factId]),
          summary: `Contract ${later.agreementRef} sells ${term.sku} from ${term.from}, while contract ${other.agreementRef} still runs to ${other.to ?? 'no end'} (first day after). End one or correct its dates.`,
        };
      });
    });
  },
};
