import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { exportText, formatOf, formatOption } from '../export-text.ts';
import { listVerb, noun, showVerb, verb, type Filter } from '../nouns.ts';
import type { Column } from '../output.ts';

interface CertificateRow {
  readonly id: string;
  readonly runId: string;
  readonly connection: string;
  readonly stream: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly method: string;
  readonly sourceCount: number | null;
  readonly distinctIds: number;
  readonly movedOut: number;
  readonly missingIds: readonly string[];
  readonly missingCount: number;
  readonly staleIds: readonly string[];
  readonly staleCount: number;
  readonly caughtLate: number;
  readonly removed: number;
  readonly held: number;
  readonly holdId: string | null;
  readonly caveats: readonly string[];
  readonly closed: boolean | null;
  readonly madeAt: string;
}

const FILTERS: readonly Filter[] = [
  { flags: '--connection <name>', description: 'only of this connection', query: 'connection' },
  { flags: '--stream <stream>', description: 'only of this stream', query: 'stream' },
  {
    flags: '--closed <yes|caveats|no|none>',
    description: 'only such as closed, closed with caveats, did not close, or could not be counted',
    query: 'closed',
  },
];

const EXPORTED: readonly Column<CertificateRow>[] = [
  { title: 'id', value: (row) => row.id },
  { title: 'made_at', value: (row) => row.madeAt },
  { title: 'run', value: (row) => row.runId },
  { title: 'connection', value: (row) => row.connection },
  { title: 'stream', value: (row) => row.stream },
  { title: 'from', value: (row) => row.from },
  { title: 'to', value: (row) => row.to },
  { title: 'method', value: (row) => row.method },
  { title: 'source_count', value: (row) => row.sourceCount },
  { title: 'distinct_ids', value: (row) => row.distinctIds },
  { title: 'moved_out', value: (row) => row.movedOut },
  { title: 'missing', value: (row) => row.missingCount },
  { title: 'missing_ids', value: (row) => row.missingIds.join(' ') },
  { title: 'stale', value: (row) => row.staleCount },
  { title: 'stale_ids', value: (row) => row.staleIds.join(' ') },
  { title: 'caught_late', value: (row) => row.caughtLate },
  { title: 'removed', value: (row) => row.removed },
  { title: 'held', value: (row) => row.held },
  { title: 'hold', value: (row) => row.holdId },
  { title: 'caveats', value: (row) => row.caveats.join(' ') },
  { title: 'closed', value: (row) => row.closed },
];

/** In words: what closed and could not prove everything is not shown as plainly closed, nor what could not be counted as nothing. */
function closedText({ closed, caveats, held, missingCount, staleCount }: CertificateRow): string {
  if (closed === null) return 'not provable';
  if (closed) return caveats.length > 0 ? 'with caveats' : 'yes';
  const why = [
    ...(held > 0 ? [`${held} held`] : []),
    ...(missingCount > 0 ? [`${missingCount} missing`] : []),
    ...(staleCount > 0 ? [`${staleCount} out of date`] : []),
  ];
  return why.length === 0 ? 'no' : `no: ${why.join(', ')}`;
}

/** `certificates`: the proof of each read, kept longer than its run. */
export function register(program: Command, cli: Cli): void {
  const certificates = noun(
    program,
    'certificates',
    'The proof that each read was complete',
    'trueup certificates list --closed no',
  );
  listVerb<CertificateRow>(cli, certificates, {
    path: '/certificates',
    description: 'List the proofs of reads, newest first',
    example: 'trueup certificates list --connection crm --stream Opportunity',
    empty: 'Nothing was read yet. Start with: trueup pull <connection>',
    filters: FILTERS,
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'MADE', value: (row) => row.madeAt },
      { title: 'STREAM', value: (row) => `${row.connection} ${row.stream}` },
      { title: 'TO', value: (row) => row.to },
      { title: 'METHOD', value: (row) => row.method },
      { title: 'SOURCE', value: (row) => row.sourceCount },
      { title: 'LANDED', value: (row) => row.distinctIds },
      { title: 'MISSING', value: (row) => row.missingCount },
      { title: 'LATE', value: (row) => row.caughtLate },
      { title: 'REMOVED', value: (row) => row.removed },
      { title: 'CLOSED', value: closedText },
    ],
  });
  showVerb(cli, certificates, {
    path: (id) => `/certificates/${id}`,
    description: 'Show one proof, with the ids that are missing or out of date',
    example: 'trueup certificates show crt_01j…',
  });
  exportVerb(certificates, cli);
}

function exportVerb(parent: Command, cli: Cli): void {
  const command = formatOption(
    verb(
      parent,
      'export',
      'Write every proof to stdout',
      'trueup certificates export --format csv > certificates.csv',
    ),
  );
  for (const { flags, description } of FILTERS) command.option(flags, description);
  command.action(async () => {
    const { format: _format, ...filter } = command.opts<Record<string, string | undefined>>();
    const rows = await (await cli.api(command)).list<CertificateRow>('/certificates', filter);
    process.stdout.write(exportText(rows, EXPORTED, formatOf(command)));
  });
}
