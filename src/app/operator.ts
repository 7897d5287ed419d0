import { ForbiddenError } from '../kernel/errors.ts';
import type { Caller } from '../security/caller.ts';

/** The company that an installation starts with; its administrators run the installation. */
export const OPERATOR_TENANT = 'default';

/**
 * Throws a ForbiddenError unless the caller belongs to the company that runs this installation. An administrator of any
 * other company must not even see that there are more.
 */
export function requireOperator(caller: Caller): void {
  if (caller.tenantId === OPERATOR_TENANT) return;
  throw new ForbiddenError(`Companies are managed by an administrator of "${OPERATOR_TENANT}".`);
}
