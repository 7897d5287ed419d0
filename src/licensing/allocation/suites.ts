import { compareQuantity, type Quantity } from '../../kernel/quantity.ts';
import { add, compare, rational, type Rational } from '../../kernel/rational.ts';
import type { Fact } from '../../ledger/fact.ts';
import type { MeteredSubject } from '../../sdk/define-metric.ts';
import type { PoolFigures } from '../figures.ts';
import type { Snapshot } from '../snapshot.ts';
import { bySource, compareText, groupBy } from '../sort.ts';
import { moveDemand } from './move-demand.ts';
import type { Terms } from './terms.ts';

/** Pools after suites were inferred, and which pool of components each pool of suites may serve. */
export interface InferredSuites {
  readonly figures: readonly PoolFigures[];
  readonly componentsOf: ReadonlyMap<string, ReadonlySet<string>>;
}

interface Suite {
  readonly model: string;
  readonly pool: PoolFigures;
  readonly parts: readonly {
    readonly pool: PoolFigures;
    readonly body: Fact<'suiteComponent'>['body'];
  }[];
}

interface Move {
  readonly subjectId: string;
  readonly from: readonly PoolFigures[];
  readonly to: PoolFigures;
}

/**
 * Lets a suite stand for its components (rule c.5): a subject that has the mandatory components of a suite, and as many of them
 * as it is inferred from, needs one right of the suite and none of those. Of several suites the one that leaves the least to
 * pay, then that of most components, then the first by name. A component that was allocated to the subject explicitly stays
 * one. What nobody sells alone (no right of it is owned) is licensed by the suite, however few components there are.
 */
export function inferSuites(
  figures: readonly PoolFigures[],
  snapshot: Snapshot,
  terms: Terms,
): InferredSuites {
  const componentsOf = new Map<string, Set<string>>();
  const moves: Move[] = [];
  const owners = groupBy(figures, ({ pool }) => JSON.stringify([pool.posture, pool.ownerRef]));
  for (const own of owners.values()) {
    const suites = suitesOf(own, snapshot, terms);
    for (const { pool, parts } of suites)
      componentsOf.set(pool.pool.id, new Set(parts.map((each) => each.pool.pool.id)));
    if (suites.length > 0) moves.push(...movesOf(own, suites));
  }
  return { figures: figures.map((each) => moved(each, moves)), componentsOf };
}

function suitesOf(
  figures: readonly PoolFigures[],
  snapshot: Snapshot,
  terms: Terms,
): readonly Suite[] {
  const byModel = new Map(
    figures.flatMap((each) =>
      each.metric === null
        ? []
        : terms.modelsOf(each.pool.skuCode).map((model) => [model, each] as const),
    ),
  );
  const groups = groupBy(
    snapshot.suiteComponents.toSorted(bySource),
    ({ body }) => body.suiteModelRef,
  );
  return [...groups].flatMap(([model, facts]): Suite[] => {
    const pool = byModel.get(model);
    if (pool === undefined) return [];
    const parts = facts.flatMap(({ body }) => {
      const part = byModel.get(body.componentModelRef);
      return part === undefined || part === pool ? [] : [{ pool: part, body }];
    });
    return parts.length === 0 ? [] : [{ model, pool, parts: parts.map((part) => part) }];
  });
}

function movesOf(own: readonly PoolFigures[], suites: readonly Suite[]): readonly Move[] {
  const parts = new Set(suites.flatMap((suite) => suite.parts.map(({ pool }) => pool)));
  const held = new Map<string, PoolFigures[]>();
  for (const each of own) {
    if (!parts.has(each)) continue;
    const pinned = new Set(each.pool.reservations.map(({ subjectId }) => subjectId));
    for (const { subjectId } of each.met.counted)
      if (!pinned.has(subjectId)) held.set(subjectId, [...(held.get(subjectId) ?? []), each]);
  }
  return [...held]
    .toSorted(([left], [right]) => compareText(left, right))
    .flatMap(([subjectId, components]) => {
      const moves: Move[] = [];
      let left = components;
      const chosen = chooseSuite(suites, left);
      if (chosen !== null) {
        moves.push({ subjectId, from: partsHeld(chosen, left), to: chosen.pool });
        left = left.filter((each) => !partsHeld(chosen, components).includes(each));
      }
      for (const each of left.filter(isNotSoldAlone)) {
        const only = suites.filter((suite) => suite.parts.some(({ pool }) => pool === each));
        const [suite] = only.toSorted(bySuitePrice);
        if (suite !== undefined) moves.push({ subjectId, from: [each], to: suite.pool });
      }
      return moves;
    });
}

const isNotSoldAlone = ({ pool }: PoolFigures): boolean => pool.entitlements.length === 0;

const priceOf = ({ price }: PoolFigures): Rational =>
  price.kind === 'priced' ? price.price.value : rational(0n);

const bySuitePrice = (left: Suite, right: Suite): number =>
  compare(priceOf(left.pool), priceOf(right.pool)) || compareText(left.model, right.model);

function partsHeld(suite: Suite, components: readonly PoolFigures[]): readonly PoolFigures[] {
  return components.filter((each) => suite.parts.some(({ pool }) => pool === each));
}

function chooseSuite(suites: readonly Suite[], components: readonly PoolFigures[]): Suite | null {
  const costOf = (suite: Suite): Rational =>
    components
      .filter((each) => !suite.parts.some(({ pool }) => pool === each))
      .reduce((sum, each) => add(sum, priceOf(each)), priceOf(suite.pool));
  return (
    suites
      .filter((suite) => fits(suite, components))
      .toSorted(
        (left, right) =>
          compare(costOf(left), costOf(right)) ||
          partsHeld(right, components).length - partsHeld(left, components).length ||
          compareText(left.model, right.model),
      )
      .at(0) ?? null
  );
}

/** Whether a subject with these components has the suite; where nothing says from how many, from all of them. */
function fits({ parts }: Suite, components: readonly PoolFigures[]): boolean {
  const has = ({ pool }: Suite['parts'][number]): boolean => components.includes(pool);
  const count = parts.filter(has).length;
  const always = parts.filter(({ body }) => body.mandatory === 'always');
  const groups = groupBy(
    parts.filter(({ body }) => body.mandatory === 'group'),
    ({ body }) => body.mandatoryGroup ?? '',
  );
  const numbers = parts.flatMap(({ body }) => body.inferenceNumber ?? []);
  const percents = parts.flatMap(({ body }) => body.inferencePercent ?? []);
  const isStated = numbers.length + percents.length + always.length + groups.size > 0;
  return (
    count > 0 &&
    always.every(has) &&
    [...groups.values()].every((group) => group.some(has)) &&
    count >= Math.max(0, ...numbers) &&
    count * 100 >= Math.max(0, ...percents) * parts.length &&
    (isStated || count === parts.length)
  );
}

/** One pool after the moves: what left it, and what came to it, a subject once. */
function moved(figures: PoolFigures, moves: readonly Move[]): PoolFigures {
  const gone = new Set(
    moves.filter(({ from }) => from.includes(figures)).map((each) => each.subjectId),
  );
  const present = new Set(figures.met.counted.map(({ subjectId }) => subjectId));
  const came = new Map<string, MeteredSubject>();
  for (const { subjectId, from, to } of moves) {
    if (to !== figures || present.has(subjectId) || came.has(subjectId)) continue;
    const parts = from.flatMap(({ met }) =>
      met.counted.filter((each) => each.subjectId === subjectId),
    );
    came.set(subjectId, {
      subjectId,
      licensableQuantity: mostOf(parts.map(({ licensableQuantity }) => licensableQuantity)),
      evidence: parts.flatMap(({ evidence }) => evidence),
    });
  }
  return moveDemand(figures, { gone, came: [...came.values()] }, ({ minus, plus }) => [
    ...(gone.size === 0 ? [] : [`Suites: ${gone.size} subjects have a suite instead, ${minus} rights less.`]), // prettier-ignore
    ...(came.size === 0 ? [] : [`Suites: ${came.size} subjects have components of it, ${plus} rights more.`]), // prettier-ignore
  ]);
}

function mostOf(quantities: readonly Quantity[]): Quantity {
  return quantities.reduce((most, each) => (compareQuantity(each, most) > 0 ? each : most), '0');
}
