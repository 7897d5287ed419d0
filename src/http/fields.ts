import * as z from 'zod';

/** The slug that names a connection or a company. */
export const Slug = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,62}$/,
    'must be lower-case letters, digits and hyphens, a letter first',
  );

/** The path parameter of one resource. No control characters: PostgreSQL refuses some and logs dislike all. */
export const IdParam = z.strictObject({
  id: z
    .string()
    .min(1)
    .max(400)
    .regex(/^\P{Cc}*$/u, 'holds a control character'),
});

/** The path parameter of a connection. */
export const ConnectionParam = z.strictObject({ id: Slug });

/** An instant, RFC 3339. */
export const Instant = z.string().meta({ format: 'date-time' });

/** A body that a room or a connector defines; documented there. */
export const Open = z.record(z.string(), z.unknown());

/** A word that filters a list. */
export const FilterText = z.string().min(1).max(200);
