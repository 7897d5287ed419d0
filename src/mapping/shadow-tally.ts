import type { CompiledPlan } from './builtin.ts';
import {
  OUTCOMES,
  type ComparedItem,
  type ComparedRecord,
  type Outcome,
} from './compare-readings.ts';
import type { RecordReading } from './reading.ts';
import type { ShadowDifference, ShadowTotals } from './shadow-runs.ts';

/** Differences that are kept to be paged through; the totals count all. */
const KEPT = 5_000;
/** Differing items of one record that are kept: an order may have ten thousand lines. */
const KEPT_ITEMS = 50;

/** Counts a shadow run record by record. */
export interface ShadowTally {
  add(recordId: string, draft: RecordReading, compared: ComparedRecord): void;
  totals(): ShadowTotals;
  /** The differences since the last time, to be kept, and where they begin. */
  take(): { readonly from: number; readonly differences: readonly ShadowDifference[] };
}

/** Starts a count. Values of fields that the plan, or the one in effect, calls personal are left out of what is kept. */
export function createShadowTally(
  plan: CompiledPlan,
  live: CompiledPlan | null = null,
): ShadowTally {
  const personal = new Set([plan, live].flatMap((each) => each?.kind === 'inbound' ? each.personalFields : [])); // prettier-ignore
  const counts = Object.fromEntries(OUTCOMES.map((each) => [each, 0])) as Record<Outcome, number>;
  const fields = new Map<string, number>();
  let lookedAt = 0;
  let differing = 0;
  let taken = 0;
  let waiting: ShadowDifference[] = [];
  return {
    add: (recordId, draft, compared) => {
      lookedAt += 1;
      counts[compared.outcome] += 1;
      const items = compared.items.map(differencesOf).filter(({ fields: own }) => own.length > 0);
      const isOther = compared.differs || !['unchanged', 'skipped'].includes(compared.outcome);
      if (!isOther) return;
      differing += 1;
      const names = new Set(items.flatMap((item) => item.fields.map(({ field }) => field)));
      for (const name of names) fields.set(name, (fields.get(name) ?? 0) + 1);
      if (taken + waiting.length >= KEPT) return;
      const { outcome } = compared;
      const shown = items.slice(0, KEPT_ITEMS).map((item) => withoutPersonal(item, personal));
      waiting.push({ recordId, outcome, error: errorOf(draft), items: shown });
    },
    totals: () => ({
      lookedAt,
      counts: { ...counts },
      fields: Object.fromEntries([...fields].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      differing,
    }),
    take: () => {
      const from = taken;
      const differences = waiting;
      taken += differences.length;
      waiting = [];
      return { from, differences };
    },
  };
}

/** Only the fields that differ from what is in effect, or that would change the target. */
function differencesOf(item: ComparedItem): ComparedItem {
  return { ...item, fields: item.fields.filter(({ differs, changes }) => differs || changes) };
}

function withoutPersonal(item: ComparedItem, personal: ReadonlySet<string>): ComparedItem {
  return {
    ...item,
    fields: item.fields.map((field) =>
      personal.has(field.field) ? { ...field, draft: null, live: null, present: null } : field,
    ),
  };
}

function errorOf(reading: RecordReading): ShadowDifference['error'] {
  if (reading.kind !== 'failed') return null;
  const { code, message, row, path } = reading;
  return { code, message, row, path };
}
