import { Option, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb } from '../nouns.ts';
import { tableText, type Column } from '../output.ts';

interface Money {
  readonly amount: string;
  readonly currency: string;
}

interface Utilisation {
  readonly group: string;
  readonly owned: string | null;
  readonly seats: string | null;
  readonly used: string | null;
  readonly uncovered: string | null;
  readonly assigned: string | null;
  readonly active: string | null;
  readonly yield: string | null;
}

interface FindingKpi {
  readonly kind: string;
  readonly open: number;
  readonly overdue: number;
  readonly accepted: number;
  readonly resolved: number;
  readonly daysToRemediate: { readonly median: number } | null;
  readonly atStake: readonly Money[];
  readonly saved: readonly Money[];
}

interface Kpis {
  readonly asOf: string;
  readonly utilisation: readonly Utilisation[];
  readonly findings: readonly FindingKpi[];
  readonly trend: readonly { readonly asOf: string; readonly findings: number; readonly resolved: number }[]; // prettier-ignore
}

const GROUPS = ['product', 'family', 'criticality', 'customer', 'country', 'region', 'posture'];

const percent = (share: string | null): string => (share === null ? '-' : `${share} %`);
const sums = (all: readonly Money[]): string =>
  all.map(({ amount, currency }) => `${amount} ${currency}`).join(', ');

const USE: readonly Column<Utilisation>[] = [
  { title: 'GROUP', value: (row) => row.group },
  { title: 'OWNED', value: (row) => row.owned },
  { title: 'SEATS', value: (row) => row.seats },
  { title: 'USED', value: (row) => row.used ?? '-' },
  { title: 'UNCOVERED', value: (row) => row.uncovered ?? '-' },
  { title: 'ASSIGNED', value: (row) => percent(row.assigned) },
  { title: 'ACTIVE', value: (row) => percent(row.active) },
  { title: 'YIELD', value: (row) => percent(row.yield) },
];

const FOUND: readonly Column<FindingKpi>[] = [
  { title: 'KIND', value: (row) => row.kind },
  { title: 'OPEN', value: (row) => row.open },
  { title: 'OVERDUE', value: (row) => row.overdue },
  { title: 'ACCEPTED', value: (row) => row.accepted },
  { title: 'RESOLVED', value: (row) => row.resolved },
  { title: 'DAYS TO REMEDIATE', value: (row) => row.daysToRemediate?.median ?? '-' },
  { title: 'AT STAKE', value: (row) => sums(row.atStake) },
  { title: 'SAVED', value: (row) => sums(row.saved) },
];

/** `recon kpis`: how much of what is owned is used, and how what was found is mended. */
export function registerKpis(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'kpis',
    'How much of what is owned is used, what was found and how fast it is mended',
    'trueup recon kpis --by customer',
  )
    .addOption(
      new Option('--by <group>', `one of ${GROUPS.join(', ')}`).choices(GROUPS).default('product'),
    )
    .option('--days <n>', 'the period for what was mended', '90');
  command.action(async () => {
    const { by, days } = command.opts<{ by: string; days: string }>();
    const kpis = await (await cli.api(command)).get<Kpis>('/kpis', { by, days });
    cli.output(command).show(kpis, () => wordsOf(kpis).join('\n'));
  });
}

function wordsOf({ asOf, utilisation, findings, trend }: Kpis): readonly string[] {
  return [
    `As of ${asOf}`,
    utilisation.length === 0
      ? 'No product with known rights has a source that tells of its seats.'
      : tableText(utilisation, USE),
    '',
    findings.length === 0 ? 'No findings.' : tableText(findings, FOUND),
    '',
    ...trend.map(
      (point) => `${point.asOf}: ${point.findings} findings, ${point.resolved} resolved`,
    ),
  ];
}
