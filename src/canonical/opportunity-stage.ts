import * as z from 'zod';
import { ExternalRef } from './fields.ts';

/** A stage of the CRM's sales process, with what it means. */
export const OpportunityStage = z.strictObject({
  externalRef: ExternalRef,
  stageName: z.string(),
  isWon: z.boolean(),
  isClosed: z.boolean(),
});
export type OpportunityStage = z.infer<typeof OpportunityStage>;
