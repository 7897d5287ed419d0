import type { SourceRecord, UnreadableRecord } from '../../src/sdk/record.ts';
import type { Json, JsonObject } from '../../src/sdk/kernel.ts';
import { isDecimal, negated, plainDecimal } from './lossless-json.ts';
import { isStamp } from './stamps.ts';
import type { StreamPlan } from './stream-plan.ts';
import type { SuiteqlRow } from './suiteql.ts';

/** NetSuite spells booleans T and F. */
const FLAGS = new Set([
  'isinactive',
  'iselimination',
  'isclosed',
  'isyear',
  'isquarter',
  'isadjust',
  'closed',
]);
/** Lines of what is sold come back with these signs turned; we land them as a person sees them. */
const TURNED = new Set(['quantity', 'amount']);
/** Counts that some accounts show with the sign of the line, others without. */
const COUNTED = new Set(['quantitybilled', 'quantityreceived']);
const FIGURES = new Set(['rate', 'exchangerate', 'amount', 'quantity']);
/** SuiteQL lowers every alias. */
const SPELLING = new Map([['statusname', 'statusName']]);

export type Landed =
  | { readonly kind: 'record'; readonly record: SourceRecord }
  | { readonly kind: 'unreadable'; readonly unreadable: UnreadableRecord };

/** What becomes of a cell, by its name; most are taken as they are. */
type Kind = 'flag' | 'figure' | 'renamed';
const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...[...FIGURES].map((name) => [name, 'figure'] as const),
  ...[...FLAGS].map((name) => [name, 'flag'] as const),
  ...[...SPELLING.keys(), '__proto__'].map((name) => [name, 'renamed'] as const),
]);

function landRow(row: SuiteqlRow): Record<string, Json> {
  const landed: Record<string, Json> = {};
  for (const name of Object.keys(row)) {
    const value = row[name] ?? '';
    const kind = KINDS.get(name);
    if (kind === undefined) landed[name] = value;
    else if (kind === 'flag') landed[name] = value === 'T';
    else if (kind === 'figure') landed[name] = isDecimal(value) ? plainDecimal(value) : value;
    // An assignment to __proto__ would lose the member instead of having the record refused.
    else if (name === '__proto__') Object.defineProperty(landed, name, { value, enumerable: true });
    else landed[SPELLING.get(name) ?? name] = value;
  }
  return landed;
}

function unreadable(id: string | null, code: string, reason: string): Landed {
  return {
    kind: 'unreadable',
    unreadable: { id, code, reason, outcome: id === null ? 'rejected' : 'quarantined' },
  };
}

const absolute = (figure: string): string => plainDecimal(figure).replace(/^-/, '');

/** A figure of a line as a person sees it. What was billed or received of a line has the line's own sign. */
function lineFigure(name: string, value: string, isTurned: boolean, isReturn: boolean): string {
  if (TURNED.has(name)) return isTurned ? negated(value) : plainDecimal(value);
  const counted = absolute(value);
  return isReturn && counted !== '0' ? `-${counted}` : counted;
}

/** One line; null if a figure on it is none. */
function landLine(plan: StreamPlan, line: SuiteqlRow): JsonObject | null {
  const { transaction: _transaction, ...cells } = line;
  const figures = Object.entries(cells).filter(([name]) => TURNED.has(name) || COUNTED.has(name));
  if (!figures.every(([, value]) => isDecimal(value))) return null;
  const quantity = cells['quantity'] ?? '0';
  const isReturn = !plan.turned && plainDecimal(quantity).startsWith('-');
  const seen = figures.map(([name, value]) => [
    name,
    lineFigure(name, value, plan.turned, isReturn),
  ]);
  return { isclosed: false, ...landRow(cells), ...Object.fromEntries(seen) };
}

/**
 * Turns a row, and its lines, into the record that lands: NetSuite's field names in lower case, flags as booleans,
 * dates as ISO text, figures as exact decimal text with the sign that a person sees.
 */
export function land(plan: StreamPlan, row: SuiteqlRow, lines: readonly SuiteqlRow[]): Landed {
  const { id } = row;
  const stamp = row[plan.stamp];
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
  const landed = lines.map((line) => landLine(plan, line));
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
  const data = landRow(row);
  if (plan.lines !== null) data['lines'] = kept;
  return {
    kind: 'record',
    record: { id, stamp: hasStamp ? (stamp ?? null) : null, deleted: false, data },
  };
}

function withoutClosed(line: JsonObject): JsonObject {
  const { isclosed: _isclosed, ...rest } = line;
  return rest;
}
