import * as z from 'zod';

const MOST = 500;

/** The query of every list. A cursor comes from the page before and is not to be taken apart. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MOST).default(50),
  cursor: z
    .string()
    .max(1000)
    .transform((text, context) => {
      const key = Buffer.from(text, 'base64url').toString('utf8');
      if (key !== '' && Buffer.from(key, 'utf8').toString('base64url') === text) return key;
      context.addIssue({ code: 'custom', message: 'is not a cursor that a page gave out' });
      return z.NEVER;
    })
    .optional(),
});

/** One page of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    data: z.array(item),
    page: z.object({ nextCursor: z.string().nullable(), hasMore: z.boolean() }),
  });
}

/** The page of `rows`, of which one more than `limit` was asked for; `keyOf` names the last row for the next page. */
export function toPage<Row>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row, at: number) => string,
) {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  const nextCursor = hasMore
    ? Buffer.from(keyOf(last, data.length - 1), 'utf8').toString('base64url')
    : null;
  return { data, page: { nextCursor, hasMore } };
}

/** The page of a list that a flow gives whole. */
export function slicePage<Row>(
  rows: readonly Row[],
  query: { readonly limit: number; readonly cursor?: string | undefined },
) {
  const offset = offsetOf(query.cursor);
  return toPage(rows.slice(offset), query.limit, (_row, at) => String(offset + at + 1));
}

/** How many rows to skip, for lists whose order has no key of its own. */
export function offsetOf(cursor: string | undefined): number {
  return cursor !== undefined && /^\d{1,9}$/.test(cursor) ? Number(cursor) : 0;
}
