import { bytesOf } from '../../src/sdk/local-file.ts';
import type { SourceFile } from './source-file.ts';

const [COMMA, QUOTE, LF, CR] = [0x2c, 0x22, 0x0a, 0x0d];
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
/** A row of nothing but these holds no data. */
const BLANK_IN_JSON: ReadonlySet<number> = new Set([LF, CR, 0x20, 0x09]);
const BLANK_IN_CSV: ReadonlySet<number> = new Set([COMMA, QUOTE, ...BLANK_IN_JSON]);

interface Counter {
  add(byte: number): void;
  end(): number;
}

function countLines(): Counter {
  let rows = 0;
  let filled = false;
  const endRow = (): void => {
    if (filled) rows += 1;
    filled = false;
  };
  return {
    add: (byte) => {
      if (byte === LF) endRow();
      else if (!BLANK_IN_JSON.has(byte)) filled = true;
    },
    end: () => {
      endRow();
      return rows;
    },
  };
}

/** Quotes matter only where they open a cell; a doubled quote inside is data (RFC 4180). */
function countCsv(): Counter {
  const lines = countLines();
  let place: 'cellStart' | 'cell' | 'quoted' | 'quoteClosed' = 'cellStart';
  const fill = (): void => lines.add(0);
  const inQuotes = (byte: number): void => {
    if (byte === QUOTE) place = 'quoteClosed';
    else if (!BLANK_IN_CSV.has(byte) || byte === COMMA) fill();
  };
  const outside = (byte: number): void => {
    if (byte === LF || byte === CR) {
      lines.add(LF);
      place = 'cellStart';
      return;
    }
    if (!BLANK_IN_CSV.has(byte) || (byte === QUOTE && place === 'cell')) fill();
    place = byte === COMMA ? 'cellStart' : 'cell';
  };
  return {
    add: (byte) => {
      if (place === 'quoted') return inQuotes(byte);
      if (byte !== QUOTE || place === 'cell') return outside(byte);
      if (place === 'quoteClosed') fill();
      place = 'quoted';
    },
    end: () => lines.end(),
  };
}

/**
 * The rows of a file, counted without the parser that reads them, so that a row which the parser loses is seen.
 * The first row of a CSV file names the columns and is not counted.
 */
export async function countRows(file: SourceFile): Promise<number> {
  const counter = file.format === 'csv' ? countCsv() : countLines();
  let start = true;
  for await (const bytes of bytesOf(file)) {
    const skip = start && bytes.subarray(0, 3).equals(BOM) ? 3 : 0;
    for (const byte of bytes.subarray(skip)) counter.add(byte);
    start = false;
  }
  const rows = counter.end();
  return file.format === 'csv' ? Math.max(0, rows - 1) : rows;
}
