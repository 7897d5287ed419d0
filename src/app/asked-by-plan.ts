import type { Effect } from '../delivery/effect.ts';
import { hashJson } from '../kernel/hash.ts';

/**
 * Effects as this very plan asks for them: what an earlier plan wrote may have been changed at the other system since, so an
 * equal effect is written all the same. Asked for twice by one plan it is one.
 */
export function askedByPlan(effects: readonly Effect[], planId: string): readonly Effect[] {
  return effects.map((effect) => ({
    ...effect,
    standsFor: hashJson({ fields: effect.fields, vendorId: effect.vendorId, planId }),
  }));
}
