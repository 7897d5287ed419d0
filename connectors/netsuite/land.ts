import type { SourceRecord, UnreadableRecord } from '../../src/sdk/record.ts';
import type { Json, JsonObject } from '../../src/sdk/kernel.ts';
import { isDecimal, negated, plainDecimal } from './lossless-json.ts';
import { isStamp } from './stamps.ts';
import type { StreamPlan } from './streams.ts';
import type { SuiteqlRow } from './suiteql.ts';

/** NetSuite spells booleans T and F. */
const FLAGS = new Set(['isinactive', 'iselimination', 'isclosed']);
/** Sales lines come back with these signs turned; we land them as a person sees them. */
const TURNED = new Set(['quantity', 'amount']);
/** SuiteQL lowers every alias. */
const SPELLING: Readonly<Record<string, string>> = { statusname: 'statusName' };

export type Landed =
  | { readonly kind: 'record'; readonly record: SourceRecord }
  | { readonly kind: 'unreadable'; readonly unreadable: UnreadableRecord };

function landCell(name: string, value: string): Json {
  if (FLAGS.has(name)) return value === 'T';
  if (TURNED.has(name)) return negated(value);
  // What was billed is a count; some accounts show it with the sign of the line.
  if (name === 'quantitybilled') return plainDecimal(value).replace(/^-/, '');
  return name === 'rate' && isDecimal(value) ? plainDecimal(value) : value;
}

function landRow(row: SuiteqlRow): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [SPELLING[name] ?? name, landCell(name, value)]),
  );
}

function unreadable(id: string | null, code: string, reason: string): Landed {
  return {
    kind: 'unreadable',
    unreadable: { id, code, reason, outcome: id === null ? 'rejected' : 'quarantined' },
  };
}

/** One line; null if a figure on it is none. */
function landLine(line: SuiteqlRow): JsonObject | null {
  const { transaction: _transaction, ...cells } = line;
  const figures = ['quantity', 'amount', 'quantitybilled'].flatMap((name) => cells[name] ?? []);
  if (!figures.every(isDecimal)) return null;
  return { isclosed: false, ...landRow(cells) };
}

/**
 * Turns a row, and its lines, into the record that lands: NetSuite's field names in lower case, flags as booleans,
 * dates as ISO text, figures as exact decimal text with the sign that a person sees.
 */
export function land(plan: StreamPlan, row: SuiteqlRow, lines: readonly SuiteqlRow[]): Landed {
  const { id, lastmodifieddate: stamp } = row;
  if (id === undefined || !/^-?\d+$/.test(id)) {
    return unreadable(
      null,
      'no_id',
      `A ${plan.definition.name} came without an internal id. Open it in NetSuite and save it again.`,
    );
  }
  const hasStamp = plan.definition.cursor === 'keyset';
  if (hasStamp && !isStamp(stamp)) {
    return unreadable(
      id,
      'no_stamp',
      `The ${plan.definition.name} ${id} has no last modified date. Save it again in NetSuite.`,
    );
  }
  const landed = lines.map(landLine);
  if (landed.includes(null)) {
    return unreadable(
      id,
      'unreadable_figure',
      `A line of the ${plan.definition.name} ${id} has a quantity or an amount that is no number. Correct it in NetSuite.`,
    );
  }
  const kept = landed
    .filter((line) => line !== null)
    .map((line) =>
      plan.lines?.some(({ name }) => name === 'isclosed') === true ? line : withoutClosed(line),
    );
  const data: JsonObject = { ...landRow(row), ...(plan.lines === null ? {} : { lines: kept }) };
  return {
    kind: 'record',
    record: { id, stamp: hasStamp ? (stamp ?? null) : null, deleted: false, data },
  };
}

function withoutClosed(line: JsonObject): JsonObject {
  const { isclosed: _isclosed, ...rest } = line;
  return rest;
}
