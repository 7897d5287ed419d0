/** A field as a connected system describes it, as far as a mapping depends on it. */
export interface FieldShape {
  readonly type: string;
  /** Active values of a picklist; empty for other fields. */
  readonly options: readonly string[];
  /** True if the system takes no value for it. Absent in descriptions that were kept before it was looked at. */
  readonly readOnly?: boolean;
}

/** The fields of one object by name. */
export type ObjectShape = Readonly<Record<string, FieldShape>>;

export type SchemaChangeKind = 'gone' | 'new' | 'retyped' | 'locked' | 'option_gone' | 'option_new';

export interface SchemaChange {
  readonly field: string;
  readonly kind: SchemaChangeKind;
  /** The type, or the option; empty where there is none, as after a field went. */
  readonly before: string;
  readonly after: string;
}

/** What changed between two descriptions of one object, by field. Pure; never holds a value of a record. */
export function schemaChanges(before: ObjectShape, after: ObjectShape): readonly SchemaChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names.flatMap((field) => fieldChanges(field, before[field], after[field]));
}

function fieldChanges(
  field: string,
  before: FieldShape | undefined,
  after: FieldShape | undefined,
): readonly SchemaChange[] {
  if (before === undefined) return [{ field, kind: 'new', before: '', after: after?.type ?? '' }];
  if (after === undefined) return [{ field, kind: 'gone', before: before.type, after: '' }];
  const { type } = after;
  const retyped: readonly SchemaChange[] =
    before.type === type ? [] : [{ field, kind: 'retyped', before: before.type, after: type }];
  const locked: readonly SchemaChange[] =
    before.readOnly === false && after.readOnly === true
      ? [{ field, kind: 'locked', before: type, after: '' }]
      : [];
  const gone = before.options.filter((option) => !after.options.includes(option));
  const added = after.options.filter((option) => !before.options.includes(option));
  return [
    ...retyped,
    ...locked,
    ...gone.map((option) => ({ field, kind: 'option_gone' as const, before: option, after: '' })),
    ...added.map((option) => ({ field, kind: 'option_new' as const, before: '', after: option })),
  ];
}
