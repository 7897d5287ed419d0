import type { SampleStory } from '../../app/flows/sample-story.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { ApiClient } from '../api-client.ts';
import { waitForRun, type RunView } from '../wait-for-run.ts';
import { until, type Story } from './story.ts';
import type { TwinProcess } from './twin-processes.ts';
import { hasEnded, type EntitlementView, type IntentView, type PlanView } from './views.ts';

/** What the steps of the demo share. */
export interface Stage {
  readonly api: ApiClient;
  /** A client of a person who may approve what policy leaves to people. */
  readonly approver: ApiClient;
  readonly story: Story;
  readonly sample: SampleStory;
  readonly twins: {
    readonly salesforce: TwinProcess;
    readonly netsuite: TwinProcess;
    readonly scim: TwinProcess;
  };
  readonly filesFolder: string;
}

/** Pulls a connection to its end. */
export async function pull(
  stage: Stage,
  connection: string,
  streams?: readonly string[],
): Promise<RunView> {
  const { runId } = await stage.api.post<{ runId: string }>(
    `/connections/${connection}:pull`,
    streams === undefined ? {} : { streams },
  );
  return waitForRun(stage.api, runId, SILENT);
}

/** The demo tells its own story; a run under way is not told twice. */
const SILENT = { isTTY: false, write: () => true } as unknown as NodeJS.WriteStream;

/** Waits until everything that landed is mapped. */
export async function mapped(stage: Stage, runIds: readonly string[]): Promise<void> {
  await until('all pages to be mapped', async () => {
    const runs = await Promise.all(runIds.map((id) => stage.api.get<RunView>(`/runs/${id}`)));
    return (
      runs.every((run) => run.streams.every((stream) => stream.unmappedPages === 0)) || undefined
    );
  });
}

/** Waits until nothing is being read or mapped: what the vendors pushed is in the ledger. */
export function quiet(stage: Stage): Promise<true> {
  return until('reads and mappings to end', async () => {
    const runs = await stage.api.list<RunView>('/runs', {}, 30);
    const busy = runs.some(
      (run) => run.status === 'running' || run.streams.some((stream) => stream.unmappedPages > 0),
    );
    return busy ? undefined : true;
  });
}

/** Waits for a plan about a deal that is in one of these states, and gives it. */
export function planOf(
  stage: Stage,
  opportunityId: string,
  kind: string,
  states: readonly string[],
): Promise<PlanView> {
  return until(`a ${kind} plan of ${opportunityId} that is ${states.join(' or ')}`, async () => {
    const plans = await stage.api.list<PlanView>('/plans', {}, 20);
    const plan = plans.find(
      (each) => each.body.opportunity.ref === opportunityId && each.kind === kind,
    );
    if (plan?.status === 'blocked')
      throw new Error(
        `The plan is blocked: ${plan.body.problems.map((problem) => problem.message).join(' ')}`,
      );
    return plan !== undefined && states.includes(plan.status) ? plan : undefined;
  });
}

/** Waits until no intent is open, and gives them all. */
export function settled(stage: Stage, seconds = 90): Promise<readonly IntentView[]> {
  return until(
    'every intent to be settled',
    async () => {
      const intents = await stage.api.list<IntentView>('/intents');
      return intents.every(hasEnded) ? intents : undefined;
    },
    seconds,
  );
}

/** Waits until every entitlement of a deal is in a state. */
export function entitlementsIn(
  stage: Stage,
  dealId: string,
  status: EntitlementView['status'],
): Promise<readonly EntitlementView[]> {
  return until(`the rights of ${dealId} to be ${status}`, async () => {
    const rows = await stage.api.list<EntitlementView>('/entitlements', { deal: dealId });
    return rows.length > 0 && rows.every((row) => row.status === status) ? rows : undefined;
  });
}

/** The settings and secrets with which the demo's connections are made, one for each system. */
export function connectionsOf(stage: Stage): readonly {
  readonly name: string;
  readonly connector: string;
  readonly config: JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
}[] {
  const { salesforce, netsuite, scim } = stage.twins;
  return [
    { name: 'salesforce', connector: 'salesforce', ...salesforce.credentials },
    { name: 'netsuite', connector: 'netsuite', ...netsuite.credentials },
    { name: 'directory', connector: 'scim', ...scim.credentials },
    { name: 'files', connector: 'file', config: { directory: stage.filesFolder }, secrets: {} },
  ];
}
