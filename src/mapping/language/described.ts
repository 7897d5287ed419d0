/** What a value is, as far as a check before the first record can know. Dates and instants are text of a form. */
export type Kind = 'text' | 'number' | 'boolean' | 'date' | 'instant' | 'list' | 'object' | 'any';

/** A field as a connected system describes it. */
export interface DescribedField {
  /** The vendor's own type name, or ours for a noun. */
  readonly type: string;
  readonly label?: string;
  /** Active values of a picklist. */
  readonly options?: readonly string[];
  readonly custom?: boolean;
  readonly readOnly?: boolean;
}

/** One object of a system: what it describes, and what its landed records hold beside that. */
export interface DescribedObject {
  readonly fields: Readonly<Record<string, DescribedField>>;
  /** Names that records hold and the description leaves out, such as relations that the connector flattens. */
  readonly seen?: readonly string[];
}

/** The objects of one connection by name. What is not in it is not checked. */
export type Described = ReadonlyMap<string, DescribedObject>;

/** The vendors' type names, in lower case. `text` is no vendor's word: it stands where none was described. */
const KINDS: Readonly<Record<string, Kind>> = {
  string: 'text',
  textarea: 'text',
  id: 'text',
  picklist: 'text',
  multipicklist: 'text',
  combobox: 'text',
  email: 'text',
  phone: 'text',
  url: 'text',
  encryptedstring: 'text',
  double: 'number',
  float: 'number',
  number: 'number',
  currency: 'number',
  percent: 'number',
  int: 'number',
  integer: 'number',
  int32: 'number',
  int64: 'number',
  long: 'number',
  decimal: 'number',
  boolean: 'boolean',
  date: 'date',
  datetime: 'instant',
  'date-time': 'instant',
  complex: 'object',
};

/** The kind of a vendor's type; `any` for one that is not known, such as a reference, which systems give in two forms. */
export function kindOfType(type: string): Kind {
  const name = type.toLowerCase();
  return name.endsWith('[]') ? 'list' : (KINDS[name] ?? 'any');
}
