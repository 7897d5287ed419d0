import { PACKAGE_FIELDS, type PackageField, type PackageRecord } from '../package-fields.ts';

/** How a field is kept: figures as decimal strings, instants as UTC text, references and choices as `{ id }`. */
export type FieldKind =
  | 'text'
  | 'figure'
  | 'flag'
  | 'date'
  | 'instant'
  | 'reference'
  | 'choice'
  | 'lines';

export interface TwinField {
  readonly kind: FieldKind;
  readonly title: string;
  readonly required?: boolean;
  readonly readOnly?: boolean;
  /** Declared only while the Trueup field package is installed. */
  readonly custom?: boolean;
  /** The object that a reference points at. */
  readonly to?: string;
  readonly choices?: Readonly<Record<string, string>>;
}

export type Fields = Readonly<Record<string, TwinField>>;

export interface RecordType {
  /** The twin's own name, that of the world and of the streams. */
  readonly object: string;
  readonly title: string;
  readonly fields: Fields;
  /** Fields of each element of `item.items`; absent for records without lines. */
  readonly lines?: Fields;
  /** The SuiteQL `type` and the document number prefix of a transaction. */
  readonly transaction?: {
    readonly type: string;
    readonly prefix: string;
    /** True where the ledger keeps quantity and amount of a line with the sign turned: what is sold goes out. */
    readonly turned: boolean;
  };
}

export const text = (title: string, more: Partial<TwinField> = {}): TwinField => ({
  kind: 'text',
  title,
  ...more,
});
export const figure = (title: string, more: Partial<TwinField> = {}): TwinField => ({
  kind: 'figure',
  title,
  ...more,
});
export const flag = (title: string, more: Partial<TwinField> = {}): TwinField => ({
  kind: 'flag',
  title,
  ...more,
});
export const date = (title: string, more: Partial<TwinField> = {}): TwinField => ({
  kind: 'date',
  title,
  ...more,
});
export const refer = (title: string, to: string, more: Partial<TwinField> = {}): TwinField => ({ kind: 'reference', title, to, ...more }); // prettier-ignore
export const choice = (title: string, choices: Readonly<Record<string, string>>, more: Partial<TwinField> = {}): TwinField => ({ kind: 'choice', title, choices, ...more }); // prettier-ignore

export const STAMPS: Fields = {
  createdDate: { kind: 'instant', title: 'Date Created', readOnly: true },
  lastModifiedDate: { kind: 'instant', title: 'Last Modified Date', readOnly: true },
};

const KINDS = { text: 'text', date: 'date', number: 'figure' } as const;

/** The fields of the Trueup package on one record type, at one level. */
export function custom(record: PackageRecord, level: PackageField['level']): Fields {
  const mine = PACKAGE_FIELDS.filter(
    (field) => field.level === level && field.records.includes(record),
  );
  return Object.fromEntries(
    mine.map((field) => [
      field.name,
      { kind: KINDS[field.type], title: field.label, custom: true } satisfies TwinField,
    ]),
  );
}

export const LINE: Fields = {
  line: figure('Line', {}),
  item: refer('Item', 'item', { required: true }),
  quantity: figure('Quantity'),
  rate: figure('Rate'),
  amount: figure('Amount'),
  description: text('Description'),
};
export const DOCUMENT: Fields = {
  ...STAMPS,
  tranId: text('Document Number'),
  externalId: text('External ID'),
  entity: refer('Customer', 'customer', { required: true }),
  subsidiary: refer('Subsidiary', 'subsidiary'),
  currency: refer('Currency', 'currency'),
  tranDate: date('Date'),
  memo: text('Memo'),
  total: figure('Total', { readOnly: true }),
};
export const ITEMS: TwinField = { kind: 'lines', title: 'Items', required: true };
