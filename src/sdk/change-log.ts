/**
 * What the records of a change log tell, by the names of their landed fields (`CreatedBy.Name` reaches into an object):
 * who changed which field of which record, from what to what.
 */
export interface ChangeLog {
  /** The streams whose records it speaks of; with `kind`, the value that its field has for each of them. */
  readonly of: Readonly<Record<string, string | null>>;
  /** The field that tells records of different streams apart, where ids alone do not. */
  readonly kind?: string;
  /** The field with the id of the changed record. */
  readonly record: string;
  readonly field: string;
  /** What was done, told where no value is: `Create`, `Delete`. */
  readonly action?: string;
  readonly before: string;
  readonly after: string;
  /** Who did it: the first of these that is there. */
  readonly by: readonly string[];
  /** When, by the source's own clock. */
  readonly at: string;
}
