import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { HubError, RemoteRejected } from '../../kernel/errors.ts';
import type { RunView } from '../wait-for-run.ts';
import type { ClosedDeal } from './acts.ts';
import { scoreDrift, type Drift, type Score } from './score.ts';
import { quiet, settled, type Stage } from './stage.ts';
import { until } from './story.ts';
import type { EntitlementView, IntentView } from './views.ts';

/** What the demo leaves in `summary.json`. */
export interface Summary {
  readonly seed: number;
  readonly certificates: readonly unknown[];
  readonly closedWon: {
    readonly opportunityId: string;
    readonly planHash: string;
    readonly intents: readonly {
      readonly system: string;
      readonly object: string;
      readonly externalId: string;
      readonly state: string;
      readonly readBack: boolean;
    }[];
    readonly elapsedMs: number;
  };
  readonly entitlements: {
    readonly draft: number;
    readonly active: number;
    readonly reversed: number;
  };
  readonly renewals: { readonly due: number; readonly written: number };
  readonly positions: number;
  readonly findings: number;
  readonly drift: {
    readonly planted: number;
    readonly found: number;
    readonly recall: number;
    readonly precision: number;
  };
}

/** Reconciles, writes the results back to the CRM, and scores the findings against what the twins know was planted. */
export async function reconcileAndScore(stage: Stage): Promise<{
  readonly positions: number;
  readonly findings: readonly Drift[];
  readonly score: Score;
}> {
  const { api, story } = stage;
  await quiet(stage);
  const { reconciliationId } = await api.post<{ reconciliationId: string }>('/reconciliations');
  await story.step('Reconciled contracts, orders, seats and telemetry', () =>
    until('the reconciliation', () => found(stage, reconciliationId)),
  );
  const positions = await api.list<{ line: { status: string } }>(
    `/reconciliations/${reconciliationId}/positions`,
  );
  const short = positions.filter((position) => position.line.status === 'non_compliant').length;
  story.note(`${positions.length} positions, ${short} of them short`);
  const findings = await api.list<Drift>('/findings');
  const score = scoreDrift(await stage.twins.salesforce.planted(), findings);
  story.note(
    `${findings.length} findings; ${score.matched} of ${score.planted} planted drifts found, recall ${score.recall.toFixed(3)}, precision ${score.precision.toFixed(3)}`,
  );
  await until('the results to be planned', async () =>
    (await api.list('/intents', { object: 'Account' }, 1)).length > 0 ? true : undefined,
  );
  await story.step(
    'Wrote the results back to the accounts in Salesforce',
    () => settled(stage),
    (intents) => `${intents.filter((intent) => intent.object === 'Account').length} accounts`,
  );
  return { positions: positions.length, findings, score };
}

async function found(stage: Stage, id: string): Promise<true | undefined> {
  try {
    await stage.api.get(`/reconciliations/${id}`);
    return true;
  } catch (error) {
    if (!(error instanceof HubError) || error.status !== 404) throw error;
    await delay(100);
    return undefined;
  }
}

/** Gathers the summary and writes it. Throws RemoteRejected, saying what is open, unless the whole loop closed. */
export async function conclude(
  stage: Stage,
  acts: {
    readonly closed: ClosedDeal;
    readonly activated: readonly EntitlementView[];
    readonly renewals: Summary['renewals'];
    readonly result: Awaited<ReturnType<typeof reconcileAndScore>>;
    readonly file: string;
  },
): Promise<Summary> {
  const { closed, result } = acts;
  const intents = await settled(stage);
  await quiet(stage);
  const runs = await stage.api.list<RunView>('/runs');
  const entitlements = await stage.api.list<EntitlementView>('/entitlements');
  const count = (status: EntitlementView['status']): number =>
    entitlements.filter((row) => row.status === status).length;
  const { planted, found: foundCount, recall, precision } = result.score;
  const summary: Summary = {
    seed: stage.sample.seed,
    certificates: certificatesOf(runs),
    closedWon: {
      opportunityId: stage.sample.toClose.opportunityId,
      planHash: closed.plan.hash,
      intents: closed.intents.map(({ connection, object, externalId, state, readBack }) => ({
        system: connection,
        object,
        externalId,
        state,
        readBack,
      })),
      elapsedMs: closed.elapsedMs,
    },
    entitlements: { draft: count('draft'), active: count('active'), reversed: count('reversed') },
    renewals: acts.renewals,
    positions: result.positions,
    findings: result.findings.length,
    drift: { planted, found: foundCount, recall, precision },
  };
  await writeFile(acts.file, `${JSON.stringify(summary, null, 2)}\n`);
  const open = [...unclosed(runs), ...openEnds(summary, intents, acts.activated)];
  if (open.length > 0)
    throw new RemoteRejected(`The loop did not close: ${open.join('; ')}. See ${acts.file}`);
  return summary;
}

/** Every certificate of every run of the demo, those of pushed and scheduled reads as well. */
function certificatesOf(runs: readonly RunView[]): readonly unknown[] {
  return runs.flatMap((run) =>
    run.streams.map(({ stream, certificate }) => ({
      connection: run.connection,
      stream,
      ...certificate,
    })),
  );
}

/** Streams of any run without a closed certificate. */
export function unclosed(runs: readonly Pick<RunView, 'connection' | 'streams'>[]): string[] {
  return runs.flatMap(({ connection, streams }) =>
    streams
      .filter(({ certificate }) => certificate?.closed !== true)
      .map(
        ({ stream, error }) =>
          `${connection} ${stream} did not close: ${error?.message ?? 'unproven'}`,
      ),
  );
}

export function openEnds(
  summary: Summary,
  intents: readonly IntentView[],
  activated: readonly EntitlementView[],
): readonly string[] {
  const unsettled = intents.filter(
    (intent) => intent.state !== 'SUPERSEDED' && !(intent.state === 'APPLIED' && intent.readBack),
  );
  return [
    ...unsettled
      .slice(0, 5)
      .map(
        (intent) =>
          `${intent.connection} ${intent.object} is ${intent.state}${intent.error === null ? '' : ` (${intent.error.message})`}`,
      ),
    ...(summary.closedWon.intents.length < 2 ? ['order and contract were not both written'] : []),
    ...(activated.length === 0 ? ['no rights became active'] : []),
    ...(summary.entitlements.reversed === 0 ? ['no rights were reversed'] : []),
    ...(summary.renewals.due === 0 ? ['no renewal was due'] : []),
    ...(summary.renewals.written < summary.renewals.due
      ? [`${summary.renewals.due - summary.renewals.written} renewals were not written`]
      : []),
    ...(summary.drift.recall < 0.9 || summary.drift.precision < 0.9
      ? ['the score is below 0.9']
      : []),
  ];
}
