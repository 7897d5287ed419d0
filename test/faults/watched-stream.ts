import type { Json, JsonObject } from '../../src/kernel/hash.ts';

/** A stream that a case reads, and how the twin's own records compare with what lands of them. */
export interface WatchedStream {
  readonly stream: string;
  readonly object: string;
  readonly idField: string;
  /** The twin's record in the names in which it lands; members that it lacks are not compared. */
  readonly asLanded: (record: JsonObject) => JsonObject;
}

/** The field of an object that a case changes; `Name` elsewhere. */
export const NAMES: Readonly<Record<string, string>> = {
  customer: 'companyName',
  item: 'displayName',
  Users: 'displayName',
};

/** SuiteQL names columns in lower case and gives text; dates and references have a spelling of its own. */
function suiteqlTexts(record: JsonObject): JsonObject {
  const isPlain = ([name, value]: [string, Json]): boolean =>
    typeof value === 'string' && !/date$/i.test(name);
  const texts = Object.entries(record).filter(isPlain);
  return Object.fromEntries(texts.map(([name, value]) => [name.toLowerCase(), value]));
}

type Watch = (stream: string) => WatchedStream;
const same = (record: JsonObject): JsonObject => record;
/** How the records of each system's twin are named, by stream. */
export const WATCHED = {
  salesforce: (stream) => ({ stream, object: stream, idField: 'Id', asLanded: same }),
  netsuite: (stream) => ({ stream, object: stream, idField: 'id', asLanded: suiteqlTexts }),
  scim: (stream) => ({ stream, object: stream, idField: 'id', asLanded: same }),
} as const satisfies Readonly<Record<string, Watch>>;
