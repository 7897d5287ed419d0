import * as z from 'zod';
import { CalendarDate, SkuCode } from '../../canonical/fields.ts';
import type { LocalDate } from '../../kernel/dates.ts';

const Path = z
  .string()
  .max(200)
  .regex(
    /^(source|type|subject|attributes\.[a-z0-9]{1,20}|data(\.[A-Za-z0-9_-]{1,60}){1,10})$/,
    'is not source, type, subject, attributes.<name> or data.<member>.<member>',
  );
const DataPath = Path.refine((path) => path.startsWith('data.'), 'is not a member of the data');
const Scalar = z.union([z.string().max(255), z.number(), z.boolean(), z.null()]);

const Condition = z.discriminatedUnion('is', [
  z.strictObject({ path: Path, is: z.literal('equal'), value: Scalar }),
  z.strictObject({ path: Path, is: z.literal('different'), value: Scalar }),
  z.strictObject({ path: Path, is: z.literal('one_of'), values: z.array(Scalar).min(1).max(100) }),
  z.strictObject({ path: Path, is: z.literal('present') }),
  z.strictObject({ path: Path, is: z.literal('absent') }),
]);
export type Condition = z.infer<typeof Condition>;

const Aggregate = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('count') }),
  z.strictObject({ of: z.literal('unique'), path: Path }),
  z.strictObject({ of: z.literal('sum'), path: DataPath }),
  z.strictObject({ of: z.literal('max'), path: DataPath }),
  z.strictObject({ of: z.literal('latest'), path: DataPath }),
]);
export type Aggregate = z.infer<typeof Aggregate>;

/**
 * What is counted of which events, and as what. All conditions have to hold. One observation a day (UTC), product
 * instance and subject; without a subject, one a day and instance.
 */
export const UsageDefinition = z.strictObject({
  eventType: z.string().min(1).max(255),
  filter: z.array(Condition).max(20).default([]),
  aggregate: Aggregate,
  metric: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'is not a code such as api_calls'),
  unit: z.string().min(1).max(40),
  kind: z.enum(['installed', 'assigned', 'active', 'checked_out', 'borrowed', 'metered']).default('metered'),
  subject: z
    .strictObject({ type: z.enum(['account', 'device', 'host']), path: Path })
    .nullable()
    .default(null),
  /** Where an event says which product instance it is of. */
  instance: Path.default('source'),
  /** The part number that is used; the instance's own when absent. */
  skuCode: SkuCode.optional(),
  /** First day on which this version counts; absent: from the beginning. */
  from: CalendarDate.optional(),
  /** Who looks after use of these events that counts for nobody; whoever published it when absent. */
  owner: z.string().min(1).max(100).optional(),
}); // prettier-ignore
export type UsageDefinition = z.infer<typeof UsageDefinition>;

/** A published version. */
export interface PublishedDefinition {
  readonly name: string;
  readonly version: number;
  readonly fromDay: LocalDate | null;
  readonly document: UsageDefinition;
  readonly publishedAt: Date;
  readonly publishedBy: string;
}

/** The version of each definition that counts on a day: the newest of those that begin by then. */
export function versionsOn(
  all: readonly PublishedDefinition[],
  day: LocalDate,
): ReadonlyMap<string, PublishedDefinition> {
  const newest = new Map<string, PublishedDefinition>();
  for (const each of all) {
    if (each.fromDay !== null && each.fromDay > day) continue;
    if ((newest.get(each.name)?.version ?? 0) < each.version) newest.set(each.name, each);
  }
  return newest;
}

/** Names of members, in lower case, that hold a person's name wherever they stand in data. */
const PERSONAL = [
  'user', 'userid', 'user_id', 'username', 'user_name', 'login', 'email', 'email_address', 'mail', 'upn', 'principal',
] as const; // prettier-ignore

/** Members whose texts are kept as pseudonyms only: the usual ones, and those by which definitions name accounts. */
export function personalMembers(all: readonly PublishedDefinition[]): ReadonlySet<string> {
  const named = all.flatMap(({ document: { subject } }) =>
    subject?.type === 'account' ? [(subject.path.split('.').at(-1) ?? '').toLowerCase()] : [],
  );
  return new Set([...PERSONAL, ...named]);
}
