import { Option, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, verb } from '../nouns.ts';
import { planText, type ShownPlan } from '../plans/plan-text.ts';

interface Plan {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly hash: string;
  readonly status: string;
  readonly problem: { readonly code: string } | null;
  readonly body: {
    readonly total: { readonly amount: string; readonly currency: string } | null;
    readonly opportunity: { readonly name: string };
    readonly late?: { readonly days: number };
  };
}

/** `plans`: what a won or reopened deal would change in every system, as one thing to approve. */
export function register(program: Command, cli: Cli): void {
  const plans = noun(
    program,
    'plans',
    'What a deal changes in every system, to be approved as a whole',
    'trueup plans list --status waiting',
  );
  listVerb<Plan>(cli, plans, {
    path: '/plans',
    description: 'List plans, newest first',
    example: 'trueup plans list --status waiting',
    empty: 'No plans. One is made when an opportunity is won.',
    filters: [
      { flags: '--status <status>', description: 'only in this state', query: 'status' },
      {
        flags: '--sort <order>',
        description: 'newest, or value: most money at stake first',
        query: 'sort',
      },
    ],
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'KIND', value: (row) => row.kind },
      { title: 'DEAL', value: (row) => row.body.opportunity.name },
      {
        title: 'TOTAL',
        value: (row) =>
          row.body.total === null ? null : `${row.body.total.amount} ${row.body.total.currency}`,
      },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'PROBLEM', value: (row) => row.problem?.code ?? null },
      {
        title: 'LATE',
        value: (row) => (row.body.late === undefined ? null : `${row.body.late.days} days`),
      },
      { title: 'HASH', value: (row) => row.hash.slice(0, 12) },
    ],
  });
  show(plans, cli);
  approve(plans, cli);
  decide(plans, cli);
  apply(plans, cli);
  resume(plans, cli);
  reverse(plans, cli);
}

function show(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'show <id>',
    'Show what a plan changes, from what to what',
    'trueup plans show pln_01j…',
  );
  command.action(async (id: string) => {
    const plan = await (await cli.api(command)).get<ShownPlan>(`/plans/${encodeURIComponent(id)}`);
    cli.output(command).show(plan, () => planText(plan));
  });
}

function resume(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'resume <id>',
    'Go on with a plan that stopped half-way, after its cause is mended',
    'trueup plans resume pln_01j…',
  );
  command.action(async (id: string) => {
    const api = await cli.api(command);
    const done = await api.post<{ readonly tried: number; readonly woken: number }>(
      `/plans/${encodeURIComponent(id)}:resume`,
    );
    cli
      .output(command)
      .show(done, () => `${done.tried} are tried again, ${done.woken} more go on. Follow it with: trueup plans show ${id}`); // prettier-ignore
  });
}

function reverse(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'reverse <id>',
    'Draw up the plan that takes an applied plan back',
    'trueup plans reverse pln_01j…',
  );
  command.action(async (id: string) => {
    const api = await cli.api(command);
    const plan = await api.post<Plan>(`/plans/${encodeURIComponent(id)}:reverse`);
    cli
      .output(command)
      .show(plan, () => `${plan.id} is ${plan.status}. Look at it with: trueup plans show ${plan.id}`); // prettier-ignore
  });
}

const SHOWN = [
  '--shown <hash>',
  'the present values that you looked at; without it, those that you were shown last',
] as const;

function approve(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'approve <id>',
    'Approve exactly what the plan says now',
    'trueup plans approve pln_01j… --hash 3f2a…',
  )
    .requiredOption('--hash <hash>', 'the hash of the plan that you looked at')
    .option(...SHOWN)
    .option('--apply', 'apply it at once');
  command.action(async (id: string) => {
    const { apply: andApply, ...seen } = command.opts<{ hash: string; shown?: string; apply?: boolean }>(); // prettier-ignore
    const api = await cli.api(command);
    let plan = await api.post<Plan>(`/plans/${encodeURIComponent(id)}:approve`, seen);
    if (andApply === true) plan = await api.post<Plan>(`/plans/${encodeURIComponent(id)}:apply`);
    cli.output(command).show(plan, () => `${plan.id} is ${plan.status}.`);
  });
}

const DECISIONS = ['additional', 'renewal', 'rejected'];

function decide(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'decide <id>',
    'Say what a late deal is whose customer holds the rights already',
    'trueup plans decide pln_01j… --as renewal --hash 3f2a…',
  )
    .addOption(
      new Option('--as <decision>', 'bought additionally, the renewal made meanwhile, or nothing')
        .choices(DECISIONS)
        .makeOptionMandatory(),
    )
    .requiredOption('--hash <hash>', 'the hash of the plan that you looked at')
    .option(...SHOWN);
  command.action(async (id: string) => {
    const body = command.opts<{ hash: string; as: string; shown?: string }>();
    const api = await cli.api(command);
    const plan = await api.post<Plan>(`/plans/${encodeURIComponent(id)}:decide`, body);
    cli.output(command).show(plan, () => `${plan.id} is ${plan.status}.`);
  });
}

function apply(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'apply <id>',
    'Apply an approved plan; refused if the world has moved since',
    'trueup plans apply pln_01j…',
  );
  command.action(async (id: string) => {
    const plan = await (
      await cli.api(command)
    ).post<Plan>(`/plans/${encodeURIComponent(id)}:apply`);
    cli
      .output(command)
      .show(
        plan,
        () => `${plan.id} is ${plan.status}. Follow it with: trueup plans show ${plan.id}`,
      );
  });
}
