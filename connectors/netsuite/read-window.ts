import { NotFoundError, ValidationError } from '../../src/sdk/kernel.ts';
import type { PageToken, ReadWindow } from '../../src/sdk/record.ts';
import { isStamp, type Stamp } from './stamps.ts';
import type { StreamPlan } from './stream-plan.ts';
import { STREAM_PLANS } from './streams.ts';
import { quoted, STAMP_FORMAT } from './suiteql.ts';

/** The plan of a stream. Throws NotFoundError naming the streams that there are. */
export function planOf(stream: string): StreamPlan {
  const plan = STREAM_PLANS.find(({ definition }) => definition.name === stream);
  if (plan !== undefined) return plan;
  throw new NotFoundError(
    `NetSuite has no stream "${stream}". Use one of ${STREAM_PLANS.map(({ definition }) => definition.name).join(', ')}.`,
  );
}

/** A stamp as SuiteQL compares it. */
export const moment = (stamp: Stamp): string =>
  `TO_DATE(${quoted(stamp)}, ${quoted(STAMP_FORMAT)})`;

/** A WHERE clause of the conditions that are given, or nothing. */
export function where(conditions: readonly (string | null)[]): string {
  const given = conditions.filter((condition) => condition !== null);
  return given.length === 0 ? '' : `WHERE ${given.join(' AND ')}`;
}

/** The window as conditions: `from` inclusive, `to` exclusive, on the source's stamps. */
export function inWindow(plan: StreamPlan, window: ReadWindow): readonly (string | null)[] {
  const bound = (operator: string, stamp: string | null): string | null => {
    if (stamp === null) return null;
    if (!isStamp(stamp))
      throw new ValidationError(
        `"${stamp}" is not a NetSuite change stamp such as 2026-03-01 10:00:00.`,
      );
    return `t.${plan.stamp} ${operator} ${moment(stamp)}`;
  };
  return [plan.filter, bound('>=', window.from), bound('<', window.to)];
}

/** Rows after the last one read, by the unique order (stamp, id), or by id alone where there is no stamp. */
export function afterToken(plan: StreamPlan, token: PageToken | null): string | null {
  if (token === null) return null;
  const { stamp, id } = token;
  if (typeof id !== 'string' || !/^-?\d+$/.test(id))
    throw new ValidationError(
      `The page token of ${plan.definition.name} holds no id. Start the read again.`,
    );
  if (plan.definition.cursor === 'full') return `t.id > ${id}`;
  if (typeof stamp !== 'string' || !isStamp(stamp))
    throw new ValidationError(
      `The page token of ${plan.definition.name} holds no stamp. Start the read again.`,
    );
  return `((t.${plan.stamp} = ${moment(stamp)} AND t.id > ${id}) OR t.${plan.stamp} > ${moment(stamp)})`;
}

/** The list in pieces of at most `size`. */
export function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
    all.slice(at * size, (at + 1) * size),
  );
}

/** The ids, after each was seen to be one: they become part of a query. Throws ValidationError. */
export function checkedIds(ids: readonly string[]): readonly string[] {
  const strange = ids.find((id) => !/^-?\d{1,18}$/.test(id));
  if (strange !== undefined)
    throw new ValidationError(`"${strange}" is not a NetSuite internal id.`);
  return ids;
}
