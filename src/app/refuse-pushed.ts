import type { Connection } from '../intake/connections.ts';
import { ValidationError } from '../kernel/errors.ts';

/** Throws a ValidationError for a directory that is pushed: there is nothing to sign in to, and nothing to read. */
export function refusePushed({ id, pushed }: Pick<Connection, 'id'> & Partial<Connection>): void {
  if (pushed !== true) return;
  throw new ValidationError(
    `The identity provider of "${id}" pushes its records here, so nothing is asked of it. ` +
      `See what came: trueup directories list.`,
  );
}
