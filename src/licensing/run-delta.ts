import {
  compareQuantity,
  subtractQuantity,
  sumQuantities,
  type Quantity,
} from '../kernel/quantity.ts';
import type { Fact, FactNoun } from '../ledger/fact.ts';
import { byAccount } from '../ledger/identity/identities.ts';
import type { Metrics, Position } from './figures.ts';
import { computePositions } from './position.ts';
import type { Snapshot, SnapshotFacts } from './snapshot.ts';
import { compareText } from './sort.ts';

/** Why a figure moved between two reconciliations (domain c.11), in the order in which the changes are made one by one. */
export const DELTA_CAUSES = ['rule', 'dataCorrection', 'entitlement', 'demand'] as const;
type DeltaCause = (typeof DELTA_CAUSES)[number];

const FIGURES = ['rightsOwned', 'rightsRequired', 'surplus', 'shortfall'] as const;
type Figure = (typeof FIGURES)[number];

/** How far one figure moved, and how much of it by which cause; the parts add up to the total. */
export interface FigureDelta {
  readonly before: Quantity;
  readonly after: Quantity;
  readonly total: Quantity;
  readonly by: Readonly<Record<DeltaCause, Quantity>>;
}

/** What moved on one line. A figure is null where it is indeterminate on either side or on the way between. */
export interface LineDelta {
  readonly lineId: string;
  readonly posture: 'licensor' | 'licensee';
  readonly ownerRef: string;
  readonly ownerName: string | null;
  readonly skuCode: string;
  readonly figures: Readonly<Record<Figure, FigureDelta | null>>;
}

type Lists = Omit<SnapshotFacts, 'links' | 'organizationLinks'>;
type ListName = keyof Lists;

/** What says how to count. */
const RULES = [
  'metricRules',
  'factorTables',
  'factorRows',
  'ruleSetVersions',
] as const satisfies ListName[];

/** What says what is owned, and what a part number is. */
const RIGHTS = [
  'skus',
  'skuAliases',
  'agreements',
  'entitlements',
  'transactions',
  'allocations',
  'groups',
  'useRights',
  'consumptionRules',
  'sublicenses',
  'suiteComponents',
  'affiliateDefinitions',
  'organizationRelationships',
] as const satisfies ListName[];

/** Demand that says itself when it was. */
const DATED_DEMAND = [
  'seats',
  'usage',
  'checkouts',
  'denials',
  'instances',
] as const satisfies ListName[];

function take<Name extends ListName>(from: Snapshot, names: readonly Name[]): Pick<Lists, Name> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<Lists, Name>;
}

/** The first day that a record of demand tells of; null where it does not say. */
function dayOf(fact: Fact<FactNoun>): string | null {
  const body = fact.body as Readonly<Record<string, unknown>>;
  for (const name of ['validFrom', 'observedAt', 'outAt', 'at']) {
    const value = body[name];
    if (typeof value === 'string') return value.slice(0, 10);
  }
  return null;
}

/**
 * Demand of the former day as it is known now: what has come to light since, of days up to then, and what was taken back.
 * A record that was known then and has changed keeps its former content, for its change is newer use, not a correction; one
 * that states its own first day is read as it stands now.
 */
function corrected<Name extends FactNoun>(
  before: readonly Fact<Name>[],
  after: readonly Fact<Name>[],
  asOf: string,
): readonly Fact<Name>[] {
  const keyOf = ({ connection, externalRef }: Fact<Name>) => byAccount(connection, externalRef);
  const now = new Map(after.map((fact) => [keyOf(fact), fact]));
  const known = new Set(before.map(keyOf));
  const kept = before.flatMap((fact) => {
    const newer = now.get(keyOf(fact));
    const dated = 'validFrom' in fact.body && fact.body.validFrom !== undefined;
    return dated ? (newer ?? []) : fact;
  });
  const late = after.filter((fact) => {
    const day = known.has(keyOf(fact)) ? null : dayOf(fact);
    return day !== null && day <= asOf;
  });
  return [...kept, ...late];
}

function correctedDemand(
  before: Snapshot,
  after: Snapshot,
): Pick<Lists, (typeof DATED_DEMAND)[number]> {
  return Object.fromEntries(
    DATED_DEMAND.map((name) => [name, corrected<FactNoun>(before[name], after[name], before.asOf)]),
  ) as unknown as Pick<Lists, (typeof DATED_DEMAND)[number]>;
}

/**
 * The worlds between two reconciliations, each with one cause more: the rules that hold now; what is known now of the
 * former day; the rights of the new day; its demand.
 */
function worldsBetween(before: Snapshot, after: Snapshot): readonly Snapshot[] {
  const ruled = { ...before, ...take(after, RULES), ruleDay: after.asOf };
  const known = { ...ruled, ...take(after, RIGHTS), ...correctedDemand(before, after) };
  const entitled = { ...known, asOf: after.asOf, demandDay: before.asOf };
  return [before, ruled, known, entitled, after];
}

function figureOf(position: Position | undefined, figure: Figure): Quantity | null {
  return position === undefined ? '0' : position.line[figure];
}

function figureDelta(steps: readonly (Position | undefined)[], figure: Figure): FigureDelta | null {
  const values = steps.flatMap((each) => figureOf(each, figure) ?? []);
  const [before, after] = [values.at(0), values.at(-1)];
  if (values.length < steps.length || before === undefined || after === undefined) return null;
  const moved = DELTA_CAUSES.map(
    (cause, at) => [cause, subtractQuantity(values[at + 1] ?? '0', values[at] ?? '0')] as const,
  );
  return {
    before,
    after,
    total: sumQuantities(moved.map(([, part]) => part)),
    by: Object.fromEntries(moved) as Record<DeltaCause, Quantity>,
  };
}

/** True where nothing at all happened to a line, on either side or on the way. */
function isStill(steps: readonly (Position | undefined)[]): boolean {
  return FIGURES.every((figure) => {
    const [first = null, ...others] = steps.map((each) => figureOf(each, figure));
    return others.every((value) =>
      value === null || first === null ? value === first : compareQuantity(value, first) === 0,
    );
  });
}

/**
 * Says of each line that moved between two reconciliations how much of the change is a change of rules, a correction of
 * data about the former day, a change of rights, or a change of demand. The causes are made one after the other in that
 * order, and the parts add up exactly. Lines are sorted by posture, owner and part number. Rules in code count as they are
 * installed: a run that was computed by another version of a metric is to be computed again first.
 */
export function runDelta(
  before: Snapshot,
  after: Snapshot,
  metrics: Metrics,
): readonly LineDelta[] {
  const worlds = worldsBetween(before, after).map(
    (world) => new Map(computePositions(world, metrics).map((each) => [each.line.id, each])),
  );
  const ids = new Set(worlds.flatMap((world) => [...world.keys()]));
  const deltas = [...ids].flatMap((lineId): LineDelta[] => {
    const steps = worlds.map((world) => world.get(lineId));
    const line = (steps.at(-1) ?? steps.find((each) => each !== undefined))?.line;
    if (line === undefined || isStill(steps)) return [];
    const { posture, ownerRef, ownerName, skuCode } = line;
    const figures = Object.fromEntries(
      FIGURES.map((figure) => [figure, figureDelta(steps, figure)]),
    ) as Record<Figure, FigureDelta | null>;
    return [{ lineId, posture, ownerRef, ownerName, skuCode, figures }];
  });
  return deltas.toSorted(
    (left, right) =>
      compareText(left.posture, right.posture) ||
      compareText(left.ownerRef, right.ownerRef) ||
      compareText(left.skuCode, right.skuCode),
  );
}
