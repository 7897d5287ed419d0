import type { Intent } from '../delivery/intents.ts';
import { requirePermission, type Caller } from '../security/caller.ts';

/**
 * A conflict that is tried again writes over what somebody changed at the other side since its plan was approved: only who
 * may approve plans may. What was refused is sent as it was approved. Throws ForbiddenError.
 */
export function requireApprover(
  caller: Caller,
  { planId, state }: Pick<Intent, 'planId' | 'state'>,
): void {
  if (planId !== null && state === 'CONFLICT') requirePermission(caller, 'plans:approve');
}
