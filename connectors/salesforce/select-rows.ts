import { RemoteRejected, type Logger } from '../../src/sdk/kernel.ts';
import type { SourceRecord, UnreadableRecord } from '../../src/sdk/record.ts';
import type { SalesforceClient } from './client.ts';
import { describeRaw } from './describe.ts';
import { readRow } from './records.ts';
import type { LocalTime } from './source-clock.ts';
import { fieldsOf, isOptional, stampFieldOf } from './streams.ts';

/** A field that was missing may be there again: after this long all of them are asked for. */
const NARROW_FOR_MS = 600_000;

export interface Rows {
  readonly done: boolean;
  readonly records: readonly unknown[];
}

/** What one session knows of the fields that its organisation has. */
export interface RowSource {
  /** Rows of a stream with all its fields, deleted ones too; `tail` is everything after the object's name. */
  select(stream: string, tail: string): Promise<Rows>;
  /** The fields that can be read, asked from the organisation's own description. */
  visibleFields(stream: string): Promise<readonly string[]>;
}

interface Narrowed {
  readonly fields: readonly string[];
  readonly until: number;
}

interface Deps {
  readonly client: SalesforceClient;
  readonly logger: Logger;
  readonly time: LocalTime;
}

/** The fields of a stream that the organisation has. Null if one is missing that the stream cannot do without. */
async function narrow({ client, logger }: Deps, stream: string): Promise<readonly string[] | null> {
  const { fields } = await describeRaw(client, stream);
  const there = new Set(fields.map((field) => field.name));
  const wanted = fieldsOf(stream);
  const missing = wanted.filter((name) => !name.includes('.') && !there.has(name));
  if (missing.length === 0) return wanted;
  if (!missing.every((name) => isOptional(stream, name))) return null;
  logger.warn('fields are missing at the source', { object: stream, missing });
  return wanted.filter((name) => !missing.includes(name));
}

export function createRowSource(deps: Deps): RowSource {
  const { client, time } = deps;
  const narrowed = new Map<string, Narrowed>();
  const known = (stream: string): readonly string[] | undefined => {
    const held = narrowed.get(stream);
    return held !== undefined && time.monotonic() < held.until ? held.fields : undefined;
  };
  const learn = async (stream: string): Promise<readonly string[] | null> => {
    const fields = await narrow(deps, stream);
    if (fields !== null) narrowed.set(stream, { fields, until: time.monotonic() + NARROW_FOR_MS });
    return fields;
  };
  const ask = (stream: string, tail: string, fields: readonly string[]): Promise<Rows> =>
    client.query(`SELECT ${fields.join(', ')} FROM ${stream}${tail}`, `reading ${stream}`, true);
  return {
    // Optional fields alone may be missing (an organisation has one currency, or not yet our package).
    select: async (stream, tail) => {
      const before = known(stream);
      try {
        return await ask(stream, tail, before ?? fieldsOf(stream));
      } catch (error) {
        const isRefusal = error instanceof RemoteRejected && error.details['code'] === 'INVALID_FIELD'; // prettier-ignore
        if (!isRefusal) throw error;
        const fields = await learn(stream);
        const isNews = fields !== null && fields.length < (before ?? fieldsOf(stream)).length;
        if (!isNews) throw error;
        return await ask(stream, tail, fields);
      }
    },
    visibleFields: async (stream) => known(stream) ?? (await learn(stream)) ?? fieldsOf(stream),
  };
}

/** Rows as records, and those that cannot be one. */
export function sortRows(
  rows: readonly unknown[],
  stream: string,
): {
  readonly records: readonly SourceRecord[];
  readonly unreadable: readonly UnreadableRecord[];
} {
  const records: SourceRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const raw of rows) {
    const row = readRow(raw, stampFieldOf(stream));
    if (row.kind === 'record') records.push(row.record);
    else unreadable.push(row.unreadable);
  }
  return { records, unreadable };
}
