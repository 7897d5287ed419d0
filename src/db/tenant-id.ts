import { ValidationError } from '../kernel/errors.ts';

const SLUG = /^[a-z][a-z0-9-]{0,62}$/;

/**
 * Returns the tenant id unchanged if it is a slug (a letter, then letters, digits or hyphens; 63 at most).
 * Throws ValidationError otherwise; a slug is safe inside a quoted SQL literal.
 */
export function requireTenantId(id: string): string {
  if (SLUG.test(id)) return id;
  throw new ValidationError(
    `"${id}" is not the id of a company. Use lower-case letters, digits and hyphens, starting with a letter (63 at most).`,
  );
}
