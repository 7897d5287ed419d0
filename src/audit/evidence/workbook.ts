import { unzipSync, zipSync } from 'fflate';
import { cellText, harmlessCell } from './table-text.ts';
import type { EvidenceTable } from './table.ts';

/** ZIP knows no zone: the parts of this instant are written as they stand, wherever the process runs. */
const MTIME = new Date(1980, 0, 1);
/** A sheet holds so many rows, its heading among them. */
const MOST_ROWS = 1_048_576;
/** A cell holds so many characters. */
const MOST_TEXT = 32_767;
const MOST_NAME = 31;

/**
 * An XLSX workbook with a sheet for each table, every cell a text, so that no program changes a number or calculates a
 * formula. The same tables give the same bytes. Rows beyond what a sheet holds are left out; the CSV has them all.
 */
export async function workbookOf(tables: readonly EvidenceTable[]): Promise<Uint8Array> {
  const { default: writeExcelFile } = await import('write-excel-file/node');
  const cell = (text: string) => ({ value: harmlessCell(text).slice(0, MOST_TEXT), type: String });
  const data = tables.map(({ name, columns, rows }) => ({
    sheet: name.slice(0, MOST_NAME),
    data: [
      columns.map((column) => ({ ...cell(column.name), fontWeight: 'bold' as const })),
      ...rows
        .slice(0, MOST_ROWS - 1)
        .map((row) => columns.map((column) => cell(cellText(row[column.name])))),
    ],
  }));
  const bytes = await writeExcelFile(data).toBuffer();
  return zipSync(unzipSync(bytes), { level: 6, mtime: MTIME });
}
