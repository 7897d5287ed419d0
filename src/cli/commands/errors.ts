import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { editErrors } from '../errors/edit.ts';
import { exportErrors, type ErrorRow } from '../errors/export.ts';
import { decideErrors, retryErrors } from '../errors/say.ts';
import { moneyText, type ErrorGroup, type ErrorMember } from '../errors/shapes.ts';
import { listVerb, noun, verb, type Filter } from '../nouns.ts';

const SHOWN_MEMBERS = 20;

const CAUSE_FILTERS: readonly Filter[] = [
  { flags: '--state <state>', description: 'open, ignored or all', query: 'state' },
  { flags: '--class <class>', description: 'intake, mapping, refused, conflict, unknown or work', query: 'class' },
  { flags: '--system <name>', description: 'only of this connection', query: 'system' },
  { flags: '--owner <person>', description: 'only whom this person looks after', query: 'owner' },
  { flags: '--mapping <id>', description: 'only because of this mapping', query: 'mapping' },
]; // prettier-ignore

const RECORD_FILTERS: readonly Filter[] = [
  { flags: '--status <status>', description: 'open, resolved or ignored', query: 'status' },
  { flags: '--cause <id>', description: 'only of this cause', query: 'cause' },
];

/** `errors`: what waits for a person, by cause: records that did not fit, writes that were refused, work that is stuck. */
export function register(program: Command, cli: Cli): void {
  const errors = noun(program, 'errors', 'What waits for a person, by cause', 'trueup errors list');
  listVerb<ErrorGroup>(cli, errors, {
    path: '/errors/groups',
    description: 'List causes, newest first',
    example: 'trueup errors list --class refused',
    empty: 'Nothing waits for you.',
    filters: CAUSE_FILTERS,
    columns: [
      { title: 'CAUSE', value: (row) => row.id },
      { title: 'CLASS', value: (row) => row.class },
      { title: 'OF', value: (row) => `${row.system} ${row.object}` },
      { title: 'CODE', value: (row) => (row.field === null ? row.code : `${row.code} ${row.field}`) }, // prettier-ignore
      { title: 'RECORDS', value: (row) => row.records },
      { title: 'MONEY', value: (row) => moneyText(row.money) },
      { title: 'OWNER', value: (row) => row.owner?.name },
      { title: 'LAST', value: (row) => row.lastSeen },
      { title: 'MESSAGE', value: (row) => row.message },
    ],
  });
  listVerb<ErrorRow>(cli, errors, {
    name: 'records',
    path: '/errors',
    description: 'List records that wait, or waited, one by one, newest first',
    example: 'trueup errors records --status open',
    empty: 'No record waits.',
    filters: RECORD_FILTERS,
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'STAGE', value: (row) => row.stage },
      { title: 'RECORD', value: (row) => `${row.connection} ${row.stream} ${row.recordId}` },
      { title: 'CODE', value: (row) => row.code },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'REASON', value: (row) => row.reason },
    ],
  });
  show(errors, cli);
  retryErrors(errors, cli);
  editErrors(errors, cli);
  decideErrors(errors, cli);
  exportErrors(errors, cli, { causes: CAUSE_FILTERS, records: RECORD_FILTERS });
}

function show(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'show <id>',
    'Show a cause with what waits for it, or one record or write',
    'trueup errors show egr_3f…',
  );
  command.action(async (id: string) => {
    const api = await cli.api(command);
    const output = cli.output(command);
    const name = encodeURIComponent(id);
    if (id.startsWith('egr_')) {
      const group = await api.get<ErrorGroup & { readonly members: readonly ErrorMember[] }>(
        `/errors/groups/${name}`,
      );
      return output.show(group, () => groupText(group));
    }
    const path = id.startsWith('err_') ? `/errors/${name}` : `/intents/${name}`;
    const row = await api.get<unknown>(path);
    output.show(row, () => JSON.stringify(row, null, 2));
  });
}

function groupText(group: ErrorGroup & { readonly members: readonly ErrorMember[] }): string {
  const { members, ignored, owner } = group;
  const rest = group.count - SHOWN_MEMBERS;
  return [
    `${group.system} ${group.object}: ${group.message}`,
    `  ${group.class}, ${group.field === null ? group.code : `${group.code} in ${group.field}`}${group.mappingId === null ? '' : `, mapping ${group.mappingId}`}`,
    `  ${group.count} wait, of ${group.records} ${group.records === 1 ? 'record' : 'records'}, from ${group.firstSeen} to ${group.lastSeen}`,
    `  Money held up: ${moneyText(group.money) ?? 'none that is known'}`,
    `  Looked after by: ${owner === null ? 'nobody' : `${owner.name} (${group.ownedBy})`}`,
    ...(ignored === null ? [] : [`  Left alone until ${ignored.until}: ${ignored.reason}`]),
    '',
    ...members
      .slice(0, SHOWN_MEMBERS)
      .map((each) => `  ${each.id}  ${each.record}  tried ${each.attempts}×  ${each.message}`),
    ...(rest > 0 ? [`  … and ${rest} more: --json shows up to 500`] : []),
    '',
    group.advice,
  ].join('\n');
}
