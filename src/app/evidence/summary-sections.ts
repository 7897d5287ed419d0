import type { PackManifest } from '../../audit/evidence/pack-shape.ts';
import type { SummarySection } from '../../audit/evidence/summary-pdf.ts';
import { cellText } from '../../audit/evidence/table-text.ts';
import type { EvidenceTable } from '../../audit/evidence/table.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { Money } from '../../kernel/money.ts';
import { compareQuantity } from '../../kernel/quantity.ts';
import type { CycleRecord } from '../../licensing/cycles/cycle-record.ts';
import { sumMoney } from '../../licensing/cycles/sum-money.ts';
import { compareText } from '../../licensing/sort.ts';

/** How many shortfalls a summary names. */
const NAMED = 40;

type About = Omit<PackManifest, 'format' | 'files'>;
type Cycle = Pick<CycleRecord, 'name' | 'period' | 'scope' | 'status'>;

/** The pages for who reads no tables. It says nothing that the redacted tables do not say. */
export function summarySections(
  about: About,
  cycle: Cycle | null,
  tables: readonly EvidenceTable[],
): readonly SummarySection[] {
  const rowsOf = (name: string) => tables.find((table) => table.name === name)?.rows ?? [];
  const positions = rowsOf('positions');
  return [
    { title: 'What this is', lines: aboutLines(about, cycle) },
    {
      title: 'Positions',
      lines: [
        ...counted(positions, 'status'),
        ...costs(positions).map((text) => `True-up cost: ${text}`),
      ],
    },
    { title: 'Largest shortfalls', lines: shortfalls(positions) },
    { title: 'Findings', lines: counted(rowsOf('findings'), 'kind') },
    { title: 'Exceptions', lines: counted(rowsOf('exceptions'), 'status') },
    ...(cycle === null ? [] : [{ title: 'Signatures', lines: listed(rowsOf('sign-offs'), ['role', 'person', 'at']) }]), // prettier-ignore
    { title: 'Tables', lines: tables.map(({ name, rows }) => `${name}: ${rows.length} rows`) },
    { title: 'Rules and hashes', lines: hashLines(about) },
  ];
}

const REDACTED = {
  none: 'Persons are named.',
  pseudonyms: 'Persons are pseudonyms; free text is left out.',
  no_personal_data: 'Persons and free text are left out.',
} as const;

function aboutLines(about: About, cycle: Cycle | null): readonly string[] {
  const { tenant, runId, cycleId, asOf, knownAt, publisher, country, redaction } = about;
  return [
    `Company ${tenant}. Run ${runId} of ${asOf}, as known at ${knownAt}.`,
    ...(cycle === null
      ? []
      : [
          `Cycle ${cycleId} "${cycle.name}", ${cycle.period.from} to before ${cycle.period.to}, ${cycle.status.replace('_', ' ')}.`,
          `Scope: ${cycle.scope.ref === null ? 'everything' : `${cycle.scope.kind.replace('_', ' ')} ${cycle.scope.ref}`}.`,
        ]),
    ...(publisher === null ? [] : [`Cut to the publisher ${publisher}.`]),
    ...(country === null ? [] : [`Cut to the country ${country}.`]),
    REDACTED[redaction],
  ];
}

function hashLines({ inputHash, resultHash, statementHash, ...stated }: About): readonly string[] {
  const rules = { ...stated.ruleSets, ...stated.factorTables };
  return [
    ...Object.entries(rules).map(([name, version]) => `Rules ${name}: ${version}`),
    `Input ${inputHash}`,
    `Result ${resultHash}`,
    ...(statementHash === null ? [] : [`Statement ${statementHash}`]),
    'Check it offline: trueup evidence verify FILE --public-key KEY',
  ];
}

function counted(rows: readonly JsonObject[], member: string): readonly string[] {
  const groups = Map.groupBy(rows, (row) => cellText(row[member]));
  const lines = [...groups].map(([word, all]) => `${word.replaceAll('_', ' ')}: ${all.length}`);
  return lines.length === 0 ? ['none'] : lines.toSorted(compareText);
}

function listed(rows: readonly JsonObject[], members: readonly string[]): readonly string[] {
  const lines = rows.map((row) => members.map((member) => cellText(row[member])).join(' · '));
  return lines.length === 0 ? ['none'] : lines;
}

/** The money of a line; null where its row has none. */
function costOf({ trueUpCost, currency }: JsonObject): Money | null {
  return typeof trueUpCost === 'string' && typeof currency === 'string'
    ? { amount: trueUpCost, currency }
    : null;
}

function costs(positions: readonly JsonObject[]): readonly string[] {
  const all = positions.map(costOf).filter((cost) => cost !== null);
  return sumMoney(all).map(({ amount, currency }) => `${amount} ${currency}`);
}

function shortfalls(positions: readonly JsonObject[]): readonly string[] {
  const short = positions
    .map((row) => ({ row, cost: costOf(row) }))
    .filter(({ cost }) => cost !== null && compareQuantity(cost.amount, '0') > 0)
    .toSorted((left, right) => byCost(left.cost, right.cost) || compareText(cellText(left.row['id']), cellText(right.row['id']))); // prettier-ignore
  const lines = short.slice(0, NAMED).map(({ row, cost }) =>
    [row['ownerName'] ?? row['ownerRef'], row['skuCode'], `short ${cellText(row['shortfall'])}`, `${cost?.amount} ${cost?.currency}`]
      .map(cellText)
      .join(' · '),
  ); // prettier-ignore
  const more = short.length - lines.length;
  return [...(lines.length === 0 ? ['none'] : lines), ...(more > 0 ? [`and ${more} more`] : [])];
}

/** By currency, the most expensive first. */
function byCost(left: Money | null, right: Money | null): number {
  if (left === null || right === null) return 0;
  return compareText(left.currency, right.currency) || compareQuantity(right.amount, left.amount);
}
