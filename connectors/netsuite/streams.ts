import type { StreamPlan } from './stream-plan.ts';
import { STREAM_NAMES } from './stream-names.ts';
import { BUYING } from './streams-buying.ts';
import { LEDGER } from './streams-ledger.ts';
import { SELLING } from './streams-selling.ts';

const PLANS = [...LEDGER, ...SELLING, ...BUYING];

/** How every stream is read, in the order of `STREAM_NAMES`. */
export const STREAM_PLANS: readonly StreamPlan[] = STREAM_NAMES.flatMap((name) =>
  PLANS.filter(({ definition }) => definition.name === name),
);
