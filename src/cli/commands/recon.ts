import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { HubError, RemoteUnavailable } from '../../kernel/errors.ts';
import type { ApiClient } from '../api-client.ts';
import type { Cli } from '../cli.ts';
import { listVerb, noun, verb } from '../nouns.ts';
import { tableText, type Column } from '../output.ts';
import { registerDelta } from '../recon/delta.ts';
import { registerEvaluate } from '../recon/evaluate.ts';
import { registerKpis } from '../recon/kpis.ts';
import { registerVariance } from '../recon/variance.ts';

interface Reconciliation {
  readonly id: string;
  readonly asOf: string;
  readonly resultHash: string;
  readonly complete: boolean;
  readonly counts: Readonly<Record<string, number>>;
}

interface Position {
  readonly line: {
    readonly id: string;
    readonly posture: string;
    readonly ownerRef: string;
    readonly ownerName: string | null;
    readonly skuCode: string;
    readonly rightsOwned: string | null;
    readonly rightsRequired: string;
    readonly surplus: string | null;
    readonly shortfall: string | null;
    readonly status: string;
  };
}

const COLUMNS: readonly Column<Position>[] = [
  { title: 'LINE', value: ({ line }) => line.id },
  { title: 'POSTURE', value: ({ line }) => line.posture },
  { title: 'OWNER', value: ({ line }) => line.ownerName ?? line.ownerRef },
  { title: 'SKU', value: ({ line }) => line.skuCode },
  { title: 'OWNED', value: ({ line }) => line.rightsOwned },
  { title: 'REQUIRED', value: ({ line }) => line.rightsRequired },
  { title: 'SURPLUS', value: ({ line }) => line.surplus },
  { title: 'SHORTFALL', value: ({ line }) => line.shortfall },
  { title: 'STATUS', value: ({ line }) => line.status },
];

/** `recon`: the licence position of every pool, and the arithmetic behind it. */
export function register(program: Command, cli: Cli): void {
  const recon = noun(program, 'recon', 'The licence position of every pool', 'trueup recon run');
  run(recon, cli);
  listVerb<Reconciliation>(cli, recon, {
    path: '/reconciliations',
    description: 'List reconciliations, newest first',
    example: 'trueup recon list',
    empty: 'Nothing was reconciled yet. Start with: trueup recon run',
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'AS OF', value: (row) => row.asOf },
      { title: 'POSITIONS', value: (row) => row.counts['positions'] },
      { title: 'FINDINGS', value: (row) => row.counts['findings'] },
      { title: 'COMPLETE', value: (row) => row.complete },
      { title: 'RESULT', value: (row) => row.resultHash.slice(0, 12) },
    ],
  });
  show(recon, cli);
  explain(recon, cli);
  registerDelta(recon, cli);
  registerVariance(recon, cli);
  registerKpis(recon, cli);
  registerEvaluate(recon, cli);
}

function run(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'run',
    'Reconcile today, or look at another day',
    'trueup recon run --as-of 2026-01-31',
  )
    .option('--as-of <date>', 'the day whose rights and demand count')
    .option('--known-at <instant>', 'as it was known then, such as 2026-02-01T00:00:00Z');
  command.action(async () => {
    const api = await cli.api(command);
    const { asOf, knownAt } = command.opts<{ asOf?: string; knownAt?: string }>();
    const view = new URLSearchParams({
      ...(asOf === undefined ? {} : { asOf }),
      ...(knownAt === undefined ? {} : { knownAt }),
    });
    const path = view.size === 0 ? '/reconciliations' : `/reconciliations?${view.toString()}`;
    const { reconciliationId } = await api.post<{ reconciliationId: string }>(path);
    const done = await waitFor(api, reconciliationId);
    cli
      .output(command)
      .show(
        done,
        () =>
          `${done.id}: ${done.counts['positions'] ?? 0} positions, ${done.counts['findings'] ?? 0} findings as of ${done.asOf}.`,
      );
  });
}

const PATIENCE_S = 600;

/** A reconciliation appears once it is computed. Throws RemoteUnavailable when it does not within 10 minutes. */
async function waitFor(api: ApiClient, id: string): Promise<Reconciliation> {
  const ends = Date.now() + PATIENCE_S * 1000;
  while (Date.now() < ends) {
    try {
      return await api.get<Reconciliation>(`/reconciliations/${id}`);
    } catch (error) {
      if (!(error instanceof HubError) || error.status !== 404) throw error;
    }
    await delay(200);
  }
  throw new RemoteUnavailable(
    `Reconciliation ${id} was not computed within ${PATIENCE_S} s. See what waits with: trueup status`,
  );
}

function show(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'show [id]',
    'Show the positions of a reconciliation; the newest unless one is named',
    'trueup recon show',
  )
    .option('--status <status>', 'only lines in this state')
    .option('--owner <id>', 'only of this customer')
    .option('--posture <posture>', 'licensor or licensee');
  command.action(async (id: string | undefined) => {
    const query = command.opts<{ status?: string; owner?: string; posture?: string }>();
    const lines = await (
      await cli.api(command)
    ).list<Position>(`/reconciliations/${encodeURIComponent(id ?? 'latest')}/positions`, query);
    cli
      .output(command)
      .show(lines, () => (lines.length === 0 ? 'No positions.' : tableText(lines, COLUMNS)));
  });
}

interface Explanation {
  readonly steps: readonly string[];
  readonly rights: readonly {
    readonly entitlement: { readonly externalRef: string };
    readonly status: string;
    readonly rights: string;
    readonly reason: string | null;
  }[];
  readonly demand: readonly {
    readonly subjectId: string;
    readonly rights: string;
    readonly excludedBecause: string | null;
  }[];
  readonly ruleVersions: Readonly<Record<string, number>>;
}

function explain(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'explain <line>',
    'Take a position apart, down to source records',
    'trueup recon explain pos_…',
  ).option('--run <id>', 'the reconciliation; the newest unless one is named', 'latest');
  command.action(async (line: string) => {
    const { run: runId } = command.opts<{ run: string }>();
    const path = `/reconciliations/${encodeURIComponent(runId)}/positions/${encodeURIComponent(line)}/explain`;
    const explanation = await (await cli.api(command)).get<Explanation>(path);
    cli.output(command).show(explanation, () => textOf(explanation));
  });
}

const AT_MOST = 20;

function textOf(explanation: Explanation): string {
  const rights = explanation.rights.map(
    (each) =>
      `  ${each.rights} from ${each.entitlement.externalRef} (${each.reason ?? each.status})`,
  );
  const demand = explanation.demand
    .slice(0, AT_MOST)
    .map(
      (each) =>
        `  ${each.rights} for ${each.subjectId}${each.excludedBecause === null ? '' : ` (${each.excludedBecause})`}`,
    );
  const more =
    explanation.demand.length > AT_MOST
      ? [`  … and ${explanation.demand.length - AT_MOST} more; --json shows all`]
      : [];
  return [...explanation.steps, 'Rights:', ...rights, 'Demand:', ...demand, ...more].join('\n');
}
