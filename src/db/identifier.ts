import { InternalError } from '../kernel/errors.ts';

const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/** Returns a table or column name quoted for SQL. Throws InternalError unless it is a plain lower-case name. */
export function identifier(name: string): string {
  if (NAME.test(name)) return `"${name}"`;
  throw new InternalError(`"${name}" is not a table or column name of ours.`);
}
