import * as z from 'zod';

/** A page of `/query` and `/queryAll`. The rows are checked one by one, so that one bad row spoils no page. */
export const QueryReply = z.object({
  totalSize: z.number().int().nonnegative(),
  done: z.boolean(),
  records: z.array(z.unknown()),
});
export type QueryReply = z.infer<typeof QueryReply>;

/** What every readable row must have. */
export const Row = z.object({
  Id: z.string().regex(/^[A-Za-z0-9]{18}$/),
  SystemModstamp: z.string().min(19).optional(),
  CreatedDate: z.string().min(19).optional(),
  IsDeleted: z.boolean().optional(),
});

/** The one row of `SELECT COUNT(Id) total, MAX(…) newest`. */
export const Newest = z.object({
  total: z.number().int().nonnegative(),
  newest: z.string().min(19).nullable(),
});
export type Newest = z.infer<typeof Newest>;

/** `GET /sobjects/{type}/deleted`. */
export const DeletedReply = z.object({
  deletedRecords: z.array(z.object({ id: z.string(), deletedDate: z.string().min(19) })),
  earliestDateAvailable: z.string().min(19),
  latestDateCovered: z.string().min(19),
});

export const SaveError = z.object({
  statusCode: z.string(),
  message: z.string(),
  fields: z.array(z.string()).default([]),
});
export type SaveError = z.infer<typeof SaveError>;

/** One item of a collection's answer; the array is in the order of the request. */
export const SaveResult = z.object({
  id: z.string().optional(),
  success: z.boolean(),
  errors: z.array(SaveError).default([]),
});
export type SaveResult = z.infer<typeof SaveResult>;
export const SaveResults = z.array(SaveResult);

export const DescribedField = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  createable: z.boolean(),
  updateable: z.boolean(),
  nillable: z.boolean(),
  defaultedOnCreate: z.boolean().default(false),
  custom: z.boolean(),
  externalId: z.boolean().default(false),
  referenceTo: z.array(z.string()).default([]),
  picklistValues: z.array(z.object({ value: z.string(), active: z.boolean() })).default([]),
});
export type DescribedField = z.infer<typeof DescribedField>;

export const DescribedObject = z.object({
  name: z.string(),
  label: z.string(),
  fields: z.array(DescribedField),
});
export type DescribedObject = z.infer<typeof DescribedObject>;

/** The answer to a job that was made or changed, as far as a trial needs it. */
export const JobId = z.object({ id: z.string() });

export const Limits = z.object({
  DailyApiRequests: z.object({ Max: z.number(), Remaining: z.number() }),
});
