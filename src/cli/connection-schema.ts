import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { verb } from './nouns.ts';
import { tableText } from './output.ts';

interface SchemaView {
  readonly data: readonly {
    readonly stream: string;
    readonly field: string;
    readonly kind: string;
    readonly detail: string;
    readonly seenAt: string;
  }[];
  readonly paused: readonly {
    readonly mappingId: string;
    readonly fieldStream: string;
    readonly field: string;
    readonly kind: string;
    readonly pauses: boolean;
    readonly since: string;
  }[];
}

/** `connections schema`: what changed in a system's objects, and which mappings wait because of it. */
export function schemaVerb(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'schema <name>',
    'Show which fields changed in a system, and which mappings wait because of it',
    'trueup connections schema crm',
  ).option('--accept', 'use the waiting mappings again, with the fields as they are now');
  command.action(async (name: string) => {
    const { accept } = command.opts<{ accept?: boolean }>();
    const api = await cli.api(command);
    const path = `/connections/${encodeURIComponent(name)}/schema-changes`;
    const output = cli.output(command);
    if (accept === true) {
      const { accepted } = await api.post<{ accepted: number }>(`${path}:accept`);
      return output.show({ accepted }, () => `${accepted} pauses ended; what waited is mapped.`);
    }
    const view = await api.get<SchemaView>(path, { limit: 500 });
    output.show({ changes: view.data, paused: view.paused }, () => textOf(view));
  });
}

function textOf({ data, paused }: SchemaView): string {
  const waiting = paused.map(
    ({ mappingId, fieldStream, field, kind, pauses, since }) =>
      `${mappingId} ${pauses ? 'waits' : 'is degraded'} since ${since}: ${fieldStream}.${field} ${kind.replace('_', ' ')}.`,
  );
  const table =
    data.length === 0
      ? 'No field changed since it was first looked at.'
      : tableText(data, [
          { title: 'SEEN', value: (row) => row.seenAt },
          { title: 'OBJECT', value: (row) => row.stream },
          { title: 'FIELD', value: (row) => row.field },
          { title: 'CHANGE', value: (row) => row.kind },
          { title: 'DETAIL', value: (row) => row.detail },
        ]);
  return [...waiting, table].join('\n');
}
