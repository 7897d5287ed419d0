import type { Finding } from '../../canonical/finding.ts';
import { daysBetween, type LocalDate } from '../../kernel/dates.ts';
import type { Position } from '../../licensing/figures.ts';
import { compareText } from '../../licensing/sort.ts';
import type { PlantedDrift } from '../../sdk/define-twin.ts';

/** What makes a finding and a planted drift the same thing. */
type Drift = Pick<PlantedDrift, 'kind' | 'subject' | 'sku'>;

/** How well one kind of drift is found. */
export interface KindScore {
  readonly kind: string;
  readonly planted: number;
  readonly found: number;
  readonly matched: number;
  /** Null where nothing of the kind was planted. */
  readonly recall: number | null;
  /** Null where nothing of the kind was found. */
  readonly precision: number | null;
  /** Days from the first one on which it was drift to the first run that names it, over the cases that a run can tell it of. */
  readonly daysToDetect: {
    readonly cases: number;
    readonly mean: number;
    readonly most: number;
  } | null;
  readonly missed: readonly Drift[];
  readonly wrong: readonly Drift[];
}

/** One reconciliation of a trial. */
export interface TrialRun {
  readonly asOf: LocalDate;
  readonly findings: readonly Finding[];
  readonly positions: readonly Position[];
}

function keyOf({ kind, subject, sku }: Drift): string {
  return JSON.stringify([kind, subject.type, subject.id, sku]);
}

/** Findings by what they are about; a position is known by its owner and part number, as the plan of a trial knows it. */
function foundIn({ findings, positions }: TrialRun): ReadonlyMap<string, Drift> {
  const owners = new Map(
    positions.map(({ line }) => [line.id, `${line.ownerRef}/${line.skuCode}`]),
  );
  return new Map(
    findings.map(({ kind, subject, sku }) => {
      const id = subject.type === 'Position' ? (owners.get(subject.id) ?? subject.id) : subject.id;
      const drift = { kind, subject: { type: subject.type, id }, sku };
      return [keyOf(drift), drift];
    }),
  );
}

/**
 * Scores the runs of a trial, oldest first, kind by kind: recall and precision of the last one, and how long drift stood
 * before one named it. A finding that was not planted is wrong, whatever its kind.
 */
export function scoreDrift(
  kinds: readonly string[],
  planted: readonly PlantedDrift[],
  runs: readonly TrialRun[],
): readonly KindScore[] {
  const found = runs.map((run) => ({ asOf: run.asOf, drift: foundIn(run) }));
  const last = found.at(-1)?.drift ?? new Map<string, Drift>();
  const wanted = new Map(planted.map((each) => [keyOf(each), each]));
  const all = new Set([...kinds, ...planted.map(({ kind }) => kind)]);
  return [...all].toSorted(compareText).map((kind): KindScore => {
    const own = [...wanted].filter(([, each]) => each.kind === kind);
    const got = [...last].filter(([, each]) => each.kind === kind);
    const missed = own.filter(([key]) => !last.has(key)).map(([, each]) => driftOf(each));
    const wrong = got.filter(([key]) => !wanted.has(key)).map(([, each]) => each);
    const matched = own.length - missed.length;
    return {
      kind,
      planted: own.length,
      found: got.length,
      matched,
      recall: own.length === 0 ? null : matched / own.length,
      precision: got.length === 0 ? null : matched / got.length,
      daysToDetect: delays(own, found),
      missed,
      wrong,
    };
  });
}

function driftOf({ kind, subject, sku }: PlantedDrift): Drift {
  return { kind, subject, sku };
}

/** Of drift that is younger than the first run: what was there before it, no run can be timed by. */
function delays(
  planted: readonly (readonly [string, PlantedDrift])[],
  runs: readonly { readonly asOf: LocalDate; readonly drift: ReadonlyMap<string, Drift> }[],
): KindScore['daysToDetect'] {
  const first = runs[0]?.asOf ?? '';
  const days = planted.flatMap(([key, { since }]) => {
    if (since === undefined || since <= first) return [];
    const run = runs.find(({ asOf, drift }) => asOf >= since && drift.has(key));
    return run === undefined ? [] : [daysBetween(since, run.asOf)];
  });
  if (days.length === 0) return null;
  const mean = days.reduce((sum, each) => sum + each, 0) / days.length;
  return { cases: days.length, mean, most: Math.max(...days) };
}

/** The scores of several trials as one: what was planted and found is added up, delays are averaged over their cases. */
export function addScores(trials: readonly (readonly KindScore[])[]): readonly KindScore[] {
  const groups = Map.groupBy(trials.flat(), ({ kind }) => kind);
  return [...groups.values()].flatMap((group) => {
    const [first, ...more] = group;
    return first === undefined ? [] : [more.reduce(addTwo, first)];
  });
}

function addTwo(left: KindScore, right: KindScore): KindScore {
  const planted = left.planted + right.planted;
  const found = left.found + right.found;
  const matched = left.matched + right.matched;
  return {
    kind: left.kind,
    planted,
    found,
    matched,
    recall: planted === 0 ? null : matched / planted,
    precision: found === 0 ? null : matched / found,
    daysToDetect: meanOf(left.daysToDetect, right.daysToDetect),
    missed: [...left.missed, ...right.missed],
    wrong: [...left.wrong, ...right.wrong],
  };
}

function meanOf(
  left: KindScore['daysToDetect'],
  right: KindScore['daysToDetect'],
): KindScore['daysToDetect'] {
  if (left === null || right === null) return left ?? right;
  const cases = left.cases + right.cases;
  const mean = (left.mean * left.cases + right.mean * right.cases) / cases;
  return { cases, mean, most: Math.max(left.most, right.most) };
}
