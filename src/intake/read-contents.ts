import { setImmediate as turn } from 'node:timers/promises';
import type { Page, SourceRecord } from '../sdk/record.ts';
import { readContent, type Contents, type ReadContent } from './page-records.ts';

/** A page whose contents were made when it was read, in a form that lands as it is. */
export interface ReadPage extends Page {
  readonly contents: Contents;
}

/** So many characters are made at a time: about a millisecond, for which nobody else in this process gets an answer. */
const AT_ONCE = 65_536;

/**
 * Makes the contents of a page before its turn to land comes: the processor does it while PostgreSQL takes in the page
 * before, instead of having PostgreSQL wait for it.
 */
export async function readContents(page: Page): Promise<ReadPage> {
  const contents: Map<string, { record: SourceRecord; read: ReadContent }> = new Map();
  let made = 0;
  for (const record of page.records) {
    if (made >= AT_ONCE) {
      made = 0;
      await turn();
    }
    const read = readContent(record);
    made += read.ok ? read.content.text.length : 0;
    contents.set(record.id, { record, read });
  }
  return { ...page, contents };
}
