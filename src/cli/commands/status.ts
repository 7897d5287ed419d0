import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb } from '../nouns.ts';

interface Status {
  readonly connections: readonly {
    readonly id: string;
    readonly status: string;
    readonly mode: string;
  }[];
  readonly changeListeners: readonly {
    readonly connection: string;
    readonly state: string;
    readonly reason: string | null;
  }[];
  readonly intents: Readonly<Record<string, number>>;
  readonly openErrors: number;
  readonly waitingWrites: number;
  readonly openIncidents: number;
  readonly openPeopleHolds: number;
  readonly waiting: {
    readonly plans: number;
    readonly reviews: number;
    readonly heldRuns: number;
    readonly conflicts: number;
    readonly overdueConflicts: number;
    readonly mappingRequests: number;
  };
  readonly stuckWork: readonly {
    readonly job: string;
    readonly key: string;
    readonly error: string;
  }[];
  readonly latestReconciliation: { readonly id: string; readonly asOf: string } | null;
}

/** `status`: what needs a person today. */
export function register(program: Command, cli: Cli): void {
  const command = verb(program, 'status', 'What needs a person today', 'trueup status');
  command.action(async () => {
    const api = await cli.api(command);
    const status = await api.get<Status>('/status');
    cli.output(command).show({ url: api.url, ...status }, () =>
      [
        `Server       ${api.url}`,
        ...status.connections.map(
          (each) => `Connection   ${each.id}: ${each.status}, ${each.mode}`,
        ),
        ...status.changeListeners.map(
          (each) =>
            `Changes      ${each.connection}: ${each.state}${each.reason === null ? '' : `, ${each.reason}`}`,
        ),
        `Intents      ${
          Object.entries(status.intents)
            .map(([state, count]) => `${count} ${state}`)
            .join(', ') || 'none'
        }`,
        `Errors       ${status.openErrors} open, ${status.waitingWrites} writes wait`,
        `Incidents    ${status.openIncidents} open`,
        ...waitingLines(status.waiting),
        ...(status.openPeopleHolds === 0
          ? []
          : [
              `People       ${status.openPeopleHolds} mass deactivations or disappearances wait: trueup people holds`,
            ]),
        ...status.stuckWork.map((each) => `Stuck        ${each.job} ${each.key}: ${each.error}`),
        `Reconciled   ${status.latestReconciliation === null ? 'never' : `as of ${status.latestReconciliation.asOf} (${status.latestReconciliation.id})`}`,
      ].join('\n'),
    );
  });
}

/** What waits for a word, and where to say it; nothing of what does not wait. */
function waitingLines(waiting: Status['waiting']): readonly string[] {
  const { plans, reviews, heldRuns, conflicts, overdueConflicts, mappingRequests } = waiting;
  const late = overdueConflicts === 0 ? '' : `, ${overdueConflicts} of them overdue`;
  return [
    { count: plans, text: `Plans        ${plans} to approve: trueup plans list --status waiting` },
    { count: reviews, text: `Late deals   ${reviews} to decide: trueup plans list --status review` },
    { count: heldRuns, text: `Held runs    ${heldRuns} would change more than is allowed: trueup holds list --status open` },
    { count: conflicts, text: `Conflicts    ${conflicts} to decide${late}: trueup conflicts list --state open` },
    { count: mappingRequests, text: `Mappings     ${mappingRequests} to approve or publish: trueup mappings requests` },
  ].flatMap(({ count, text }) => (count === 0 ? [] : [text])); // prettier-ignore
}
