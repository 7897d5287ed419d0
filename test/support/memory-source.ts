import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import { tombstone } from '../../src/sdk/read-only.ts';
import type { ReadWindow, SourceRecord } from '../../src/sdk/record.ts';

/** A source that a test holds in its hands, and which of its answers were asked for. */
export interface MemorySource {
  /** What it holds, by id. */
  readonly records: Map<string, SourceRecord>;
  /** Calls so far, by method. */
  readonly asked: Record<'countWindow' | 'listKeys' | 'readByIds', number>;
  /** The calls of a session that read it, all records on one page, in the window given. */
  over(window: ReadWindow): Partial<ConnectorSession>;
}

/** A record with one field. */
export function memoryRecord(id: string, stamp: string | null, name = id): SourceRecord {
  return { id, stamp, deleted: false, data: { Id: id, Name: name } };
}

export function memorySource(records: readonly SourceRecord[]): MemorySource {
  const held = new Map(records.map((record) => [record.id, record]));
  const asked = { countWindow: 0, listKeys: 0, readByIds: 0 };
  const within = ({ from, to }: ReadWindow): readonly SourceRecord[] =>
    [...held.values()].filter(
      ({ stamp }) =>
        stamp === null || ((from === null || stamp >= from) && (to === null || stamp < to)),
    );
  return {
    records: held,
    asked,
    over: (opened) => ({
      openWindow: async () => opened,
      readPage: async (_stream, window) => ({
        records: within(window),
        unreadable: [],
        next: null,
      }),
      countWindow: async (_stream, window) => {
        asked.countWindow += 1;
        return within(window).length;
      },
      listKeys: async (_stream, window) => {
        asked.listKeys += 1;
        return within(window).map(({ id, stamp }) => ({ id, stamp }));
      },
      readByIds: async (_stream, ids) => {
        asked.readByIds += 1;
        return { records: ids.map((id) => held.get(id) ?? tombstone(id)), unreadable: [] };
      },
    }),
  };
}
