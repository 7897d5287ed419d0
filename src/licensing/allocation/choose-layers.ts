import { sumQuantities } from '../../kernel/quantity.ts';
import { compare, subtract, toFixed } from '../../kernel/rational.ts';
import type { PoolFigures } from '../figures.ts';
import { compareText } from '../sort.ts';
import type { LayerOption, LayerUnit } from './layer-units.ts';
import { compareCosts, costOf, moneyOf, type AllocationCost } from './layer-cost.ts';
import type { Outcome } from './lines.ts';
import { moveDemand } from './move-demand.ts';
import { currenciesOf } from './share-rights.ts';
import { Unions } from './unions.ts';

/** How a unit is licensed; null is each machine by its own product. */
type Choice = LayerOption | null;
type Choices = ReadonlyMap<string, Choice>;

/** Shares out the rights of pools among them. */
type Share = (figures: readonly PoolFigures[]) => Outcome;

/** Combinations that are all tried; beyond, one unit after the other is decided. */
const MOST_COMBINATIONS = 4096;
/** The same by work: machines counted, over all combinations. */
const MOST_WORK = 250_000;

/**
 * Decides for each unit whether its hosts are licensed or its machines, and by which product (rule c.7, G-34): the combination
 * that leaves the least to pay, then the least short, then the least in grace, then uses the least money's worth of rights;
 * of equal ones machines before hosts. Units that draw on the same pools are decided together, exactly up to 4,096
 * combinations; beyond that one after the other in the order of their ids, and the result says `heuristic`.
 */
export function chooseLayers(
  figures: readonly PoolFigures[],
  units: readonly LayerUnit[],
  share: Share,
): readonly PoolFigures[] {
  if (units.length === 0) return figures;
  let decided = figures;
  for (const group of groupsOf(units, share(figures))) {
    const pools = new Set(group.pools);
    const own = decided.filter(({ pool }) => pools.has(pool.id));
    const chosen = decide(own, group.units, share);
    const byId = new Map(chosen.map((each) => [each.pool.id, each]));
    decided = decided.map((each) => byId.get(each.pool.id) ?? each);
  }
  return decided;
}

/** Units whose pools are linked, by rights that may serve both or by machines of both, with all of those pools. */
function groupsOf(
  units: readonly LayerUnit[],
  { eligible, slices, classes, pools }: Outcome,
): readonly { readonly units: readonly LayerUnit[]; readonly pools: readonly string[] }[] {
  const together = new Unions();
  const poolsOf = ({ options }: LayerUnit): readonly string[] =>
    options.flatMap(({ pool, covers }) => [pool.pool.id, ...covers.map((each) => each.pool.id)]);
  for (const unit of units) {
    const [first = '', ...rest] = poolsOf(unit);
    for (const id of rest) together.join(first, id);
  }
  for (const { slice, demand } of eligible)
    together.join(slices[slice]?.poolId ?? '', classes[demand]?.poolId ?? '');
  const groups = Map.groupBy(units, (unit) => together.find(poolsOf(unit)[0] ?? ''));
  return [...groups].map(([top, own]) => ({
    units: own,
    pools: [...pools.keys()].filter((id) => together.find(id) === top),
  }));
}

function decide(
  figures: readonly PoolFigures[],
  units: readonly LayerUnit[],
  share: Share,
): readonly PoolFigures[] {
  const ways = units.map(({ options }): readonly Choice[] => [null, ...options]);
  const combinations = ways.reduce((product, each) => product * each.length, 1);
  const machines = figures.reduce((sum, { met }) => sum + met.counted.length, 1);
  const isExact = combinations <= MOST_COMBINATIONS && combinations * machines <= MOST_WORK;
  const costAt = (choices: Choices): AllocationCost => costOf(share(applied(figures, choices)));
  const chosen = isExact ? best(allOf(units, ways), costAt) : oneByOne(units, ways, costAt);
  const told = toldOf(figures, units, chosen, costAt);
  const givers = new Set(giversOf(units).map(({ pool }) => pool.id));
  return applied(figures, chosen.choices).map((each) =>
    givers.has(each.pool.id)
      ? {
          ...each,
          others: { ...each.others, ...told },
          met: isExact ? each.met : withDoubt(each.met),
        }
      : each,
  );
}

interface Chosen {
  readonly choices: Choices;
  readonly cost: AllocationCost;
}

function best(candidates: Iterable<Choices>, costAt: (choices: Choices) => AllocationCost): Chosen {
  let found: Chosen | null = null;
  for (const choices of candidates) {
    const cost = costAt(choices);
    if (found === null || compareCosts(cost, found.cost) < 0) found = { choices, cost };
  }
  return found ?? { choices: new Map(), cost: costAt(new Map()) };
}

/** Every combination, that of each machine for itself first. */
function* allOf(
  units: readonly LayerUnit[],
  ways: readonly (readonly Choice[])[],
): Generator<Choices> {
  const at = units.map(() => 0);
  for (;;) {
    yield new Map(units.map(({ id }, place) => [id, ways[place]?.[at[place] ?? 0] ?? null]));
    let place = units.length - 1;
    while (place >= 0 && (at[place] ?? 0) + 1 >= (ways[place]?.length ?? 0)) {
      at[place] = 0;
      place -= 1;
    }
    if (place < 0) return;
    at[place] = (at[place] ?? 0) + 1;
  }
}

function oneByOne(
  units: readonly LayerUnit[],
  ways: readonly (readonly Choice[])[],
  costAt: (choices: Choices) => AllocationCost,
): Chosen {
  let held: Chosen = { choices: new Map(), cost: costAt(new Map()) };
  for (const [place, { id }] of units.entries()) {
    const others = (ways[place] ?? []).map((way) => new Map([...held.choices, [id, way]]));
    held = best([held.choices, ...others], costAt);
  }
  return held;
}

/** The pools with their demand as it is licensed then. */
function applied(figures: readonly PoolFigures[], choices: Choices): readonly PoolFigures[] {
  const taken = [...choices].flatMap(([id, choice]) => (choice === null ? [] : [{ id, choice }]));
  return figures.map((each) => {
    const concerned = taken.filter(({ choice }) => choice.covers.some((one) => one.pool.id === each.pool.id)); // prettier-ignore
    const own = taken.filter(({ choice }) => choice.pool.pool.id === each.pool.id);
    const move = {
      gone: new Set(concerned.flatMap(({ choice }) => [...choice.gone])),
      came: own.flatMap(({ choice }) => choice.came),
    };
    const moved = moveDemand(each, move, () => [...new Set([...own, ...concerned])].map(wordsOf));
    // Whoever told of those machines speaks of what licenses them.
    return own.length === 0 ? moved : { ...moved, silence: 'speaks' as const };
  });
}

function wordsOf({ id, choice }: { readonly id: string; readonly choice: LayerOption }): string {
  const rights = sumQuantities(choice.came.map(({ licensableQuantity }) => licensableQuantity));
  const what = choice.layer === 'hosts' ? 'hosts' : 'machines';
  return `${id}: its ${what} are licensed by ${choice.pool.pool.skuCode}, ${rights} rights in place of ${choice.gone.size} machines one by one.`;
}

/** Another way to license all units alike, for comparison. */
interface Alternative {
  readonly name: string;
  readonly cost: AllocationCost;
}

function alternativesOf(
  units: readonly LayerUnit[],
  givers: readonly PoolFigures[],
  costAt: (choices: Choices) => AllocationCost,
): readonly Alternative[] {
  const all = ({ pool }: PoolFigures, layer: LayerOption['layer']): Choices =>
    new Map(
      units.flatMap(({ id, options }) => {
        const way = options.find((one) => one.pool.pool.id === pool.id && one.layer === layer);
        return way === undefined ? [] : [[id, way] as const];
      }),
    );
  const ways = givers.flatMap((pool) =>
    (['hosts', 'machines'] as const).map((layer) => ({
      name: `${layer}.${pool.pool.skuCode}`,
      choices: all(pool, layer),
    })),
  );
  return [
    { name: 'eachMachine', cost: costAt(new Map()) },
    ...ways
      .filter(({ choices }) => choices.size > 0)
      .map(({ name, choices }) => ({ name, cost: costAt(choices) })),
  ];
}

/**
 * What the products that may license hosts tell of the choice: how each unit is licensed, what that costs, and what it would
 * cost if all units were licensed in another way. Money only where all prices are of one currency.
 */
function toldOf(
  figures: readonly PoolFigures[],
  units: readonly LayerUnit[],
  { choices, cost }: Chosen,
  costAt: (choices: Choices) => AllocationCost,
): Readonly<Record<string, string>> {
  const chosen = Object.fromEntries(
    units.map(({ id }) => {
      const way = choices.get(id) ?? null;
      return [`layer.${id}`, way === null ? 'eachMachine' : `${way.layer}.${way.pool.pool.skuCode}`]; // prettier-ignore
    }),
  );
  const currencies = new Set(figures.flatMap(currenciesOf));
  if (currencies.size !== 1) return chosen;
  const alternatives = alternativesOf(units, giversOf(units), costAt);
  const [next] = alternatives
    .map((each) => moneyOf(each.cost))
    .filter((each) => compare(each, moneyOf(cost)) > 0)
    .toSorted(compare);
  const text = (each: AllocationCost): string => toFixed(moneyOf(each), 2);
  return {
    ...chosen,
    layerCurrency: [...currencies].join(''),
    layerCost: text(cost),
    ...Object.fromEntries(alternatives.map((each) => [`layerCost.${each.name}`, text(each.cost)])),
    layerSaving: next === undefined ? '0.00' : toFixed(subtract(next, moneyOf(cost)), 2),
  };
}

function giversOf(units: readonly LayerUnit[]): readonly PoolFigures[] {
  const byId = new Map(
    units.flatMap(({ options }) => options.map(({ pool }) => [pool.pool.id, pool] as const)),
  );
  return [...byId.values()].toSorted((left, right) =>
    compareText(left.pool.skuCode, right.pool.skuCode),
  );
}

const NOT_EXACT = 'heuristic: hosts or machines were chosen one unit after the other';

const withDoubt = (met: PoolFigures['met']): PoolFigures['met'] => ({
  ...met,
  warnings: [...(met.warnings ?? []), NOT_EXACT],
});
