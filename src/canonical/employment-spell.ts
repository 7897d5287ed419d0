import * as z from 'zod';
import { ExternalRef, validity } from './fields.ts';

/** A person's time with us, from the HR system; an open end means still employed. */
export const EmploymentSpell = z.strictObject({
  externalRef: ExternalRef,
  employeeNumber: z.string().min(1),
  displayName: z.string().optional(),
  workEmail: z.string().optional(),
  type: z.enum(['employee', 'contractor', 'temp']).default('employee'),
  departmentName: z.string().optional(),
  costCenter: z.string().optional(),
  jobRole: z.string().optional(),
  /** What the person works on, as HR names it. */
  projectNames: z.array(z.string().min(1)).optional(),
  /** The employee number of the manager. */
  managerNumber: z.string().optional(),
  ...validity,
});
export type EmploymentSpell = z.infer<typeof EmploymentSpell>;
