import type { Fact } from '../ledger/fact.ts';
import { entitlementRefOf, type RightsOrder } from './rights-from-orders.ts';

interface Claim {
  readonly source: RightsOrder;
  readonly line: Fact<'orderLine'>;
}

/**
 * Settles which line stands for which entitlement, and writes it on the lines. An order copied in the ERP copies the
 * name of our entitlement with it. Both orders are real and both give rights: the name stays with the order that we
 * wrote, else with the oldest (ids of an ERP ascend), and every other line gets an entitlement of its own.
 */
export function claimEntitlements(sources: readonly RightsOrder[]): readonly RightsOrder[] {
  const claims = sources.flatMap((source) => source.lines.map((line) => ({ source, line })));
  const owners = new Map(claims.map(({ line }) => [ownRef(line), line]));
  for (const { source, line } of claims.toSorted(byRight)) {
    const ref = entitlementRefOf(source, line);
    if (!owners.has(ref)) owners.set(ref, line);
  }
  return sources.map((source) => ({
    ...source,
    lines: source.lines.map((line) => {
      const ref = entitlementRefOf(source, line);
      const entitlementRef = owners.get(ref) === line ? ref : ownRef(line);
      return { ...line, body: { ...line.body, entitlementRef } };
    }),
  }));
}

function ownRef(line: Fact<'orderLine'>): string {
  return `ent:${line.connection}:${line.externalRef}`;
}

function byRight(left: Claim, right: Claim): number {
  return (
    Number(left.source.dealId === null) - Number(right.source.dealId === null) ||
    byText(left.line.connection, right.line.connection) ||
    byId(left.source.order.externalRef, right.source.order.externalRef) ||
    left.line.body.lineNumber - right.line.body.lineNumber ||
    byText(left.line.externalRef, right.line.externalRef)
  );
}

/** Ids that are numbers in the order of their value, of any length; others, and mixed ones, as text. */
function byId(left: string, right: string): number {
  const areNumbers = /^\d+$/.test(left) && /^\d+$/.test(right);
  return (areNumbers ? left.length - right.length : 0) || byText(left, right);
}

function byText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
