import * as z from 'zod';
import { ExternalRef, QuantityText } from './fields.ts';

/** A component of a suite. `inference…` says from how many components an installed suite is inferred. */
export const SuiteComponent = z.strictObject({
  externalRef: ExternalRef,
  suiteModelRef: ExternalRef,
  componentModelRef: ExternalRef,
  quantityPerSuite: QuantityText.default('1'),
  mandatory: z.enum(['optional', 'always', 'group']).default('optional'),
  /** Names the alternatives of which one must be present; only with `mandatory: group`. */
  mandatoryGroup: z.string().optional(),
  role: z.enum(['primary', 'supplementary']).default('primary'),
  inferenceNumber: z.number().int().positive().optional(),
  inferencePercent: z.number().int().min(1).max(100).optional(),
});
export type SuiteComponent = z.infer<typeof SuiteComponent>;
