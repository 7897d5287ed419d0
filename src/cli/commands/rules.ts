import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, verb } from '../nouns.ts';
import { tableText } from '../output.ts';
import { registerDecide } from '../rules/decide.ts';
import { registerShadow, shadowText, type Shadow } from '../rules/shadow.ts';
import {
  checkText,
  pathOf,
  termsText,
  versionPath,
  type RuleCheck,
  type RuleVersion,
  type Term,
} from '../rules/shapes.ts';
import { registerWork } from '../rules/work.ts';

interface RuleSet {
  readonly id: string;
  readonly title: string;
  readonly inForce: string | null;
  readonly next: { readonly version: string | null; readonly from: string } | null;
  readonly draft: { readonly version: string; readonly status: string } | null;
}

/** `rules`: the licence rules that a company states itself. */
export function register(program: Command, cli: Cli): void {
  const rules = noun(
    program,
    'rules',
    'Rule sets: parameters of metrics and tables of factors, versioned, tried and approved',
    'trueup rules list',
  );
  listVerb<RuleSet>(cli, rules, {
    path: '/rule-sets',
    description: 'List rule sets, with what is in force',
    example: 'trueup rules list',
    empty: 'There are no rule sets: metrics count as they are installed.',
    columns: [
      { title: 'SET', value: (row) => row.id },
      { title: 'TITLE', value: (row) => row.title },
      { title: 'IN FORCE', value: (row) => row.inForce ?? '' },
      {
        title: 'NEXT',
        value: ({ next }) =>
          next === null ? '' : `${next.version ?? 'nothing'} from ${next.from}`,
      },
      {
        title: 'WORKED ON',
        value: ({ draft }) => (draft === null ? '' : `${draft.version} (${draft.status})`),
      },
    ],
  });
  show(rules, cli);
  registerWork(rules, cli);
  registerShadow(rules, cli);
  registerDecide(rules, cli);
  metrics(rules, cli);
}

interface Life extends RuleSet {
  readonly versions: readonly RuleVersion[];
  readonly terms: readonly Term[];
}

interface Version extends RuleVersion {
  readonly document: object;
  readonly check: RuleCheck;
  readonly shadow: Shadow | null;
}

function show(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'show <set> [version]',
    'Show a rule set with its versions, or one version (draft for the one that is worked on)',
    'trueup rules show oracle 1.0.0',
  );
  command.action(async (id: string, version?: string) => {
    const api = await cli.api(command);
    if (version === undefined) {
      const life = await api.get<Life>(pathOf(id));
      cli.output(command).show(life, () => lifeText(life));
      return;
    }
    const row = await api.get<Version>(versionPath(id, version));
    cli.output(command).show(row, () => versionText(row));
  });
}

function lifeText({ id, title, versions, terms }: Life): string {
  const table = tableText(versions, [
    { title: 'VERSION', value: (row) => row.version },
    { title: 'STATUS', value: (row) => row.status },
    { title: 'BY', value: (row) => row.authors.join(', ') },
    { title: 'APPROVED BY', value: (row) => row.approvedBy ?? '' },
  ]);
  const has = versions.length === 0 ? 'It has no version yet.' : table;
  return [`${id}: ${title}`, has, termsText(terms)].join('\n');
}

function versionText(row: Version): string {
  const sent = row.status === 'draft' && row.reason !== null ? [`Sent back: ${row.reason}`] : [];
  return [
    `Version ${row.version} of ${row.ruleSet} is ${row.status === 'submitted' ? 'handed in' : row.status === 'draft' ? 'a draft' : 'approved'}.`,
    ...sent,
    checkText(row.check),
    row.shadow === null ? 'Nobody has tried yet what it does.' : shadowText(row.shadow),
    JSON.stringify(row.document, null, 2),
  ].join('\n');
}

interface Metric {
  readonly code: string;
  readonly title: string;
  readonly parameters: {
    readonly properties?: Readonly<Record<string, { readonly default?: unknown }>>;
  };
}

function metrics(parent: Command, cli: Cli): void {
  listVerb<Metric>(cli, parent, {
    name: 'metrics',
    path: '/licence-metrics',
    description:
      'List the metrics with the parameters that rule sets may state; --json for all of each',
    example: 'trueup rules metrics',
    empty: 'No metric is installed.',
    columns: [
      { title: 'METRIC', value: (row) => row.code },
      { title: 'TITLE', value: (row) => row.title },
      {
        title: 'PARAMETERS',
        value: ({ parameters }) =>
          Object.entries(parameters.properties ?? {})
            .map(([name, each]) => `${name}=${JSON.stringify(each.default)}`)
            .join(' '),
      },
    ],
  });
}
