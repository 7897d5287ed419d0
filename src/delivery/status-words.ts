import type { Plan, PlanProblem } from './plans.ts';
import type { PlannedWrite } from './shown-status.ts';

/** What a record shows of a plan: a word, and a sentence for who works with that record and not with Trueup. */
export interface StatusWords {
  readonly status: string;
  readonly message: string;
}

const WORDS: Readonly<Record<Plan<unknown>['status'], StatusWords>> = {
  blocked: { status: 'Blocked', message: 'Something is missing at the source.' },
  waiting: { status: 'Waits for approval', message: 'The changes are drawn up. Somebody with the right to approve them has to look at them; nothing is written before.' }, // prettier-ignore
  review: { status: 'Needs a decision', message: 'This became known late, and the customer holds these rights already. Somebody has to say whether it is additional, a renewal, or nothing.' }, // prettier-ignore
  approved: { status: 'Approved', message: 'It is written next.' },
  applying: { status: 'Being written', message: '' },
  applied: { status: 'In step', message: 'Everything is written and was read back.' },
  incomplete: {
    status: 'Done in part',
    message: 'Part of it was dropped and is not done. What was done stands.',
  },
  observed: { status: 'Watched', message: 'It is drawn up for people to see. Nothing is written.' },
  stale: { status: 'Being drawn up again', message: 'Something changed between the approval and the writing, so nothing was written.' }, // prettier-ignore
  superseded: { status: 'Being drawn up again', message: 'It has changed since.' },
  linked: { status: 'Linked', message: 'Somebody decided that this is a renewal which was entered already. Nothing is written.' }, // prettier-ignore
  rejected: { status: 'Declined', message: 'Somebody decided that nothing is written.' },
};

const UNDER_WAY: readonly Plan<unknown>['status'][] = ['waiting', 'review', 'approved', 'applying', 'stale', 'superseded']; // prettier-ignore

/** What the words of a plan are made of beside its kind and status. */
interface StatusDetail {
  readonly writes: readonly PlannedWrite[];
  readonly problems: readonly string[];
  /** How many records a reversal leaves for a person. */
  readonly left?: number;
  /** Why it could not be applied when it was last tried. */
  readonly problem?: Pick<PlanProblem, 'message'> | null;
}

/**
 * What the records of a plan show of it. What the other side refused or changed goes before all else, because somebody has
 * to look at it. The message fits `length` characters. Pure.
 */
export function statusWords(
  plan: Pick<Plan<unknown>, 'kind' | 'status'>,
  detail: StatusDetail,
  length: number,
): StatusWords {
  const words = wordsOf(plan, detail);
  return { status: words.status, message: cut(`${whatOf(plan)}${words.message}`.trim(), length) };
}

function whatOf({ kind, status }: Pick<Plan<unknown>, 'kind' | 'status'>): string {
  if (kind === 'reopen') return 'The deal was reopened. ';
  return takesBack(kind) && UNDER_WAY.includes(status) ? 'It is being taken back. ' : '';
}

function takesBack(kind: Plan<unknown>['kind']): boolean {
  return kind === 'reversal' || kind === 'cancellation';
}

function takenBack(left: number): StatusWords {
  const records = left === 1 ? '1 record was' : `${left} records were`;
  const message = left === 0 ? 'Nothing of it was left.' : `${records} left for a person.`;
  return { status: 'Taken back', message };
}

function wordsOf(
  { kind, status }: Pick<Plan<unknown>, 'kind' | 'status'>,
  { writes, problems, left = 0, problem = null }: StatusDetail,
): StatusWords {
  const words = WORDS[status];
  if (status === 'applied' && takesBack(kind)) return takenBack(left);
  if (status === 'blocked' && problems.length > 0) return { ...words, message: problems.join(' ') };
  if (status === 'approved' && problem !== null)
    return { status: 'Could not be written', message: problem.message };
  if (status !== 'applying') return words;
  const stuck = writes.find(({ state }) => state === 'QUARANTINED' || state === 'CONFLICT');
  if (stuck !== undefined) {
    const verb = stuck.state === 'CONFLICT' ? 'holds something else in' : 'refused';
    const why = stuck.error === null ? '' : `: ${stuck.error.message}`;
    return { status: 'Refused', message: `${stuck.connection} ${verb} ${stuck.object}${why}` };
  }
  const done = writes.filter(({ state, readBack }) => state === 'APPLIED' && readBack).length;
  return {
    ...words,
    message: `${done} of ${writes.length} records are written and were read back.`,
  };
}

/** Cut between two characters, never within one that takes two places. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const kept = text.slice(0, length - 1);
  const whole = /[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept;
  return `${whole}…`;
}
