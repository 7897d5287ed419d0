import type { LocalDate } from '../../kernel/dates.ts';
import { canonicalJson, hashJson, type JsonObject } from '../../kernel/hash.ts';
import { compareText } from '../sort.ts';
import type { CycleRecord } from './cycle-record.ts';
import type { GateStream } from './gate.ts';
import type { CycleVariance, RoundContent } from './freeze-round.ts';

/** What a round is when it is signed. */
export interface RoundToState {
  readonly cycle: Pick<CycleRecord, 'id' | 'name' | 'period' | 'scope' | 'owner' | 'round'>;
  readonly run: { readonly id: string; readonly asOf: LocalDate; readonly knownAt: string };
  readonly gate: {
    readonly streams: readonly GateStream[];
    readonly acceptedBy: string;
    readonly reason: string | null;
  };
  readonly content: RoundContent;
  readonly variances: readonly CycleVariance[];
  readonly decisions: CycleRecord['decisions'];
  readonly tasks: CycleRecord['tasks'];
}

/** What is signed, the text that is hashed, and its hash. */
export interface Statement {
  readonly body: JsonObject;
  /** RFC 8785. */
  readonly text: string;
  readonly hash: string;
}

/**
 * States a round: the run with its hashes, the day and the knowledge that it is about, what of the data was not whole and who took
 * it so, every variance with what was decided about it and why, the exceptions in force, and what is still to be done. Pure, and
 * the same round gives the same hash in whatever order its parts come.
 */
export function stateRound(round: RoundToState): Statement {
  const { cycle, run, gate, content, tasks } = round;
  const lacking = gate.streams.filter(({ problem }) => problem !== null);
  const body: JsonObject = {
    type: 'trueup.reconciliation_cycle.v1',
    cycle: {
      id: cycle.id,
      name: cycle.name,
      period: { ...cycle.period },
      scope: { ...cycle.scope },
      owner: cycle.owner,
      round: cycle.round,
    },
    run: {
      id: run.id,
      asOf: run.asOf,
      knownAt: run.knownAt,
      inputHash: content.inputHash,
      resultHash: content.resultHash,
      ruleVersions: { ...content.ruleVersions },
    },
    data: {
      streams: gate.streams.length,
      notWhole: lacking.map((each) => ({ ...each })),
      acceptedBy: lacking.length === 0 ? null : gate.acceptedBy,
      reason: gate.reason,
    },
    positions: { ...content.positions },
    trueUpCost: content.trueUpCost.map((each) => ({ ...each })),
    variances: decided(round),
    exceptions: content.exceptions.map((each) => ({ ...each })),
    openTasks: tasks
      .filter(({ closedAt }) => closedAt === null)
      .map(({ id, subject, action, owner, dueAt }) => ({ id, subject, action, owner, dueAt }))
      .toSorted((left, right) => compareText(left.id, right.id)),
  };
  return { body, text: canonicalJson(body), hash: hashJson(body) };
}

function decided({ variances, decisions }: RoundToState): readonly JsonObject[] {
  const last = new Map(decisions.map((each) => [each.subject, each]));
  return variances
    .toSorted((left, right) => compareText(left.subject, right.subject))
    .map((each): JsonObject => {
      const { decision = null, reason = null, by = null } = last.get(each.subject) ?? {};
      return { ...each, decision, reason, by };
    });
}
