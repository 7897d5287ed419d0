import pg from 'pg';
import { InternalError } from '../kernel/errors.ts';

/** Type oids of the PostgreSQL catalogue (`select oid from pg_type`); they never change. */
const INT8 = 20;
const DATE = 1082;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
const INT8_ARRAY = 1016;
const DATE_ARRAY = 1182;
const NUMERIC_ARRAY = 1231;
const TEXT_ARRAY: number = 1009;

type Parse = (text: string) => unknown;

function parseInt8(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new InternalError(
    `The integer ${text} from the database exceeds 2^53. Select it as text or numeric.`,
  );
}

function finite(parse: Parse): Parse {
  return (text) => (text === 'infinity' || text === '-infinity' ? null : parse(text));
}

const asText: Parse = (text) => text;
const parseTimestamptz: Parse = pg.types.getTypeParser(TIMESTAMPTZ);
const parseTextArray: Parse = pg.types.getTypeParser(TEXT_ARRAY);
const parseInt8Array: Parse = (text) => {
  const items = parseTextArray(text);
  return Array.isArray(items)
    ? items.map((item) => (item === null ? null : parseInt8(String(item))))
    : items;
};

const PARSERS: ReadonlyMap<number, Parse> = new Map([
  [INT8, parseInt8],
  [DATE, finite(asText)],
  [TIMESTAMP, asText],
  [TIMESTAMPTZ, finite(parseTimestamptz)],
  [INT8_ARRAY, parseInt8Array],
  [DATE_ARRAY, parseTextArray],
  [NUMERIC_ARRAY, parseTextArray],
]);

/**
 * How PostgreSQL values reach JavaScript: numeric (also in arrays) stays a decimal string, int8 becomes a
 * safe number or raises, a date stays `YYYY-MM-DD`, an infinite date or timestamptz becomes null.
 */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    if (format === 'binary') return pg.types.getTypeParser(oid, 'binary');
    return PARSERS.get(oid) ?? pg.types.getTypeParser(oid, 'text');
  },
};
