import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { exportText, formatOf, formatOption } from '../export-text.ts';
import { verb, type Filter } from '../nouns.ts';
import type { Column } from '../output.ts';
import { moneyText, type ErrorGroup } from './shapes.ts';

/** One record that waits, or waited, as the API lists it. */
export interface ErrorRow {
  readonly id: string;
  readonly stage: string;
  readonly connection: string;
  readonly stream: string;
  readonly recordId: string;
  readonly runId: string;
  readonly code: string;
  readonly field: string | null;
  readonly reason: string;
  readonly mappingId: string;
  readonly status: string;
  readonly attempts: number;
  readonly openedAt: string;
  readonly seenAt: string;
  readonly resolvedAt: string | null;
  readonly cause: string;
}

const CAUSES: readonly Column<ErrorGroup>[] = [
  { title: 'cause', value: (row) => row.id },
  { title: 'class', value: (row) => row.class },
  { title: 'state', value: (row) => row.state },
  { title: 'system', value: (row) => row.system },
  { title: 'object', value: (row) => row.object },
  { title: 'code', value: (row) => row.code },
  { title: 'field', value: (row) => row.field },
  { title: 'mapping', value: (row) => row.mappingId },
  { title: 'records', value: (row) => row.records },
  { title: 'waiting', value: (row) => row.count },
  { title: 'money', value: (row) => moneyText(row.money) },
  { title: 'owner', value: (row) => row.owner?.name },
  { title: 'first_seen', value: (row) => row.firstSeen },
  { title: 'last_seen', value: (row) => row.lastSeen },
  { title: 'ignored_until', value: (row) => row.ignored?.until },
  { title: 'ignored_because', value: (row) => row.ignored?.reason },
  { title: 'message', value: (row) => row.message },
  { title: 'advice', value: (row) => row.advice },
];

const RECORDS: readonly Column<ErrorRow>[] = [
  { title: 'id', value: (row) => row.id },
  { title: 'cause', value: (row) => row.cause },
  { title: 'stage', value: (row) => row.stage },
  { title: 'connection', value: (row) => row.connection },
  { title: 'stream', value: (row) => row.stream },
  { title: 'record', value: (row) => row.recordId },
  { title: 'run', value: (row) => row.runId },
  { title: 'code', value: (row) => row.code },
  { title: 'field', value: (row) => row.field },
  { title: 'mapping', value: (row) => row.mappingId },
  { title: 'status', value: (row) => row.status },
  { title: 'attempts', value: (row) => row.attempts },
  { title: 'opened', value: (row) => row.openedAt },
  { title: 'last_seen', value: (row) => row.seenAt },
  { title: 'resolved', value: (row) => row.resolvedAt },
  { title: 'reason', value: (row) => row.reason },
];

/** `errors export`: every cause, or with `--records` every record, for a spreadsheet or another program. */
export function exportErrors(
  parent: Command,
  cli: Cli,
  filters: { readonly causes: readonly Filter[]; readonly records: readonly Filter[] },
): void {
  const command = formatOption(
    verb(
      parent,
      'export',
      'Write every cause to stdout, or every record that waits or waited; writes that wait are members of their causes',
      'trueup errors export --format csv > errors.csv',
    ).option('--records', 'records, one by one, instead of causes'),
  );
  const all = new Map([...filters.causes, ...filters.records].map((each) => [each.flags, each]));
  for (const { flags, description } of all.values()) command.option(flags, description);
  command.action(async () => {
    const { records, format: _format, ...filter } = command.opts<Record<string, string>>();
    const api = await cli.api(command);
    const format = formatOf(command);
    process.stdout.write(
      records === undefined
        ? exportText(await api.list<ErrorGroup>('/errors/groups', filter), CAUSES, format)
        : exportText(await api.list<ErrorRow>('/errors', filter), RECORDS, format),
    );
  });
}
