import { parseDecimal, compare } from '../kernel/rational.ts';
import type { Money } from '../kernel/money.ts';
import type { Lateness } from './late-deal.ts';
import type { CommerceSettings } from './settings.ts';

/** True if policy approves a plan of this total without a person. A currency without a limit never passes, nor does a late deal. */
export function policyApproves(
  total: Money | null,
  settings: CommerceSettings,
  late?: Lateness,
): boolean {
  if (total === null || late !== undefined) return false;
  const limit = settings.approval.autoApproveUpTo.find((each) => each.currency === total.currency);
  return (
    limit !== undefined && compare(parseDecimal(total.amount), parseDecimal(limit.amount)) <= 0
  );
}
