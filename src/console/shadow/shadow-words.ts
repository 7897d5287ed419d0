import { shownValue } from '../shown-value.ts';
import type { ComparedField, Outcome, ShadowRun } from './shadow-types.ts';

/** Every outcome, with what it means for the target. */
export const OUTCOMES: readonly { readonly value: Outcome; readonly label: string }[] = [
  { value: 'create', label: '+ create' },
  { value: 'update', label: '~ update' },
  { value: 'remove', label: '− remove' },
  { value: 'conflict', label: '⇄ conflict' },
  { value: 'blocked', label: '✗ blocked' },
  { value: 'skipped', label: '↷ skipped' },
  { value: 'unchanged', label: '= unchanged' },
];

/** How far a run is, or how it ended. */
export function stateWords({ state, lookedAt, wanted, message }: ShadowRun): string {
  const of = lookedAt === wanted ? `${lookedAt} records` : `${lookedAt} of ${wanted} records`;
  if (state === 'running') return `Running: ${of} so far.`;
  if (state === 'failed') return `It failed after ${of}: ${message ?? ''}`;
  return state === 'cancelled' ? `Cancelled after ${of}.` : `Done: ${of}.`;
}

/** The fields in which records differ, the one that most of them differ in first. */
export function mostDiffering(
  fields: ShadowRun['fields'],
): readonly (readonly [field: string, records: number])[] {
  return Object.entries(fields).toSorted(
    ([left, less], [right, more]) => more - less || (left < right ? -1 : 1),
  );
}

/** One field: what is in effect and the draft; what the target holds, where that is neither. */
export function comparedWords({ field, live, draft, present, changes }: ComparedField): string {
  const [before, after, there] = [live, draft, present].map(shownValue);
  const isElse = changes && there !== before;
  return `${field}: ${before} → ${after}${isElse ? ` (the target holds ${there})` : ''}`;
}
