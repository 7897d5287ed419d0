import type { StreamDefinition } from '../../src/sdk/define-connector.ts';
import { packageFieldsOf, type PackageRecord } from './package-fields.ts';
import type { StreamName } from './stream-names.ts';
import { PAGE_ROWS, STAMP_FORMAT } from './suiteql.ts';

/** A selected column: its SQL and the name under which it lands. */
export interface Column {
  readonly sql: string;
  readonly name: string;
  /** Installed by the field package, or of a feature that not every account has; left out where it is not there. */
  readonly custom?: boolean;
}

/** How one stream is read. `t` is the alias of its table in every query. */
export interface StreamPlan {
  readonly definition: StreamDefinition & { readonly name: StreamName };
  /** The record's name in the record service and its metadata; null where those do not know it. */
  readonly record: string | null;
  readonly table: string;
  readonly filter: string | null;
  readonly joins: string;
  readonly columns: readonly Column[];
  /** The column of the change stamp, which lands under the same name. */
  readonly stamp: 'lastmodifieddate' | 'date';
  /** Columns of each line; null where the record has none. */
  readonly lines: readonly Column[] | null;
  /** True where the ledger keeps quantity and amount of a line with the sign turned. */
  readonly turned: boolean;
  /** What `deletedrecord.type` may call this record; empty where its deletions show in a full read only. */
  readonly deletedAs: readonly string[];
  /** True where records never change and a first read need not go back to the beginning. */
  readonly isLog: boolean;
  /** Where an administrator lets a role see this. */
  readonly permission: string;
}

type Given = Pick<StreamPlan, 'table' | 'columns' | 'permission'> & Partial<StreamPlan>;

type Declared = Partial<Pick<StreamDefinition, 'personalData' | 'raw' | 'changeLog'>>;

/** A plan with what most streams share. */
export function plan(
  name: StreamName,
  title: string,
  cursor: 'keyset' | 'full',
  { personalData = false, raw = false, changeLog, ...given }: Given & Declared,
): StreamPlan {
  return {
    definition: {
      name,
      title,
      cursor,
      pageSize: PAGE_ROWS,
      personalData,
      raw,
      ...(changeLog === undefined ? {} : { changeLog }),
    },
    record: name,
    filter: null,
    joins: '',
    stamp: 'lastmodifieddate',
    lines: null,
    turned: false,
    deletedAs: [],
    isLog: false,
    ...given,
  };
}

export const plain = (...names: readonly string[]): readonly Column[] =>
  names.map((name) => ({ sql: `t.${name}`, name }));
export const day = (source: string, name: string, custom = false): Column => ({
  sql: `TO_CHAR(${source}.${name}, 'YYYY-MM-DD')`,
  name,
  custom,
});
export const instant = (name: string): Column => ({
  sql: `TO_CHAR(t.${name}, '${STAMP_FORMAT}')`,
  name,
});
export const STAMP: Column = instant('lastmodifieddate');

export const CURRENCY: Column = { sql: 'cur.symbol', name: 'currency' };
export const CURRENCY_JOIN = 'LEFT JOIN currency cur ON cur.id = t.currency';

/** A transaction's subsidiary and origin stand on its main line. */
export const MAIN_LINE = `INNER JOIN transactionline ml ON ml.transaction = t.id AND ml.mainline = 'T'`;
export const TRANSACTION: readonly Column[] = [
  ...plain('id', 'tranid', 'externalid', 'entity'),
  CURRENCY,
  day('t', 'trandate'),
  ...plain('status'),
  { sql: 'BUILTIN.DF(t.status)', name: 'statusname' },
  { sql: 'ml.subsidiary', name: 'subsidiary' },
  ...plain('otherrefnum', 'memo'),
  STAMP,
];
export const ORIGIN: Column = { sql: 'ml.createdfrom', name: 'createdfrom' };
export const TOTAL: Column = { sql: 't.foreigntotal', name: 'foreigntotal' };

export const LINE: readonly Column[] = [
  { sql: 'tl.id', name: 'line' },
  { sql: 'tl.item', name: 'item' },
  { sql: 'i.itemid', name: 'itemid' },
  { sql: 'tl.quantity', name: 'quantity' },
  { sql: 'tl.rate', name: 'rate' },
  { sql: 'tl.foreignamount', name: 'amount' },
];
export const CLOSED: Column = { sql: 'tl.isclosed', name: 'isclosed' };
export const BILLED: Column = { sql: 'tl.quantitybilled', name: 'quantitybilled' };

/** The package's fields of a transaction. */
export function bodyFields(record: PackageRecord): readonly Column[] {
  return packageFieldsOf(record, 'body').map(({ name }) => ({
    sql: `t.${name}`,
    name,
    custom: true,
  }));
}

/** The package's fields of each line. */
export function lineFields(record: PackageRecord): readonly Column[] {
  return packageFieldsOf(record, 'column').map((field) =>
    field.type === 'date'
      ? day('tl', field.name, true)
      : { sql: `tl.${field.name}`, name: field.name, custom: true },
  );
}
