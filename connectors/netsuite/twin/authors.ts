/** Who changes a record, and from where: a system note names both. */
export interface Author {
  readonly employee: string;
  readonly context: 'REST Web Services' | 'UI';
}

/** The integration's own user, and a person at the vendor's screen. Accounts give such users negative ids. */
export const EMPLOYEES = [
  { object: 'employee', id: '-5', fields: { entityId: 'Trueup Integration' }, lines: [] },
  { object: 'employee', id: '-6', fields: { entityId: 'Dana Controller' }, lines: [] },
] as const;
export const INTEGRATION: Author = { employee: '-5', context: 'REST Web Services' };
export const PERSON: Author = { employee: '-6', context: 'UI' };
