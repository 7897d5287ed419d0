import { DELIVERY_MUTANTS } from './delivery-mutants.ts';
import type { Mutant } from './mutant.ts';
import { READING_MUTANTS } from './reading-mutants.ts';

/** Every mistake that the suites are tried with. */
export const MUTANTS: readonly Mutant[] = [...READING_MUTANTS, ...DELIVERY_MUTANTS];
