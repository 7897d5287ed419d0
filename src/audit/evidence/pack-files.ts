import { canonicalJson, type JsonObject } from '../../kernel/hash.ts';
import type { AuditExtract } from './audit-extract.ts';
import { AUDIT_FILE, AUDIT_HEADS_FILE, STATEMENT_FILE } from './pack-shape.ts';
import type { ZipEntry } from './pack-zip.ts';
import { summaryPdf, type SummarySection } from './summary-pdf.ts';
import { csvOf, jsonOf } from './table-text.ts';
import type { EvidenceTable } from './table.ts';
import { workbookOf } from './workbook.ts';

/** What the files of a pack are written from. */
export interface PackContent {
  readonly title: string;
  readonly summary: readonly SummarySection[];
  readonly tables: readonly EvidenceTable[];
  /** What people signed; null where nothing was stated. */
  readonly statement: JsonObject | null;
  /** The chain as it is; null where the pack was cut or persons are hidden, because a chain with holes proves nothing. */
  readonly audit: AuditExtract | null;
}

/** The files of a pack in their order. The same content gives the same bytes. */
export async function packFiles(content: PackContent): Promise<readonly ZipEntry[]> {
  const { title, summary, tables, statement, audit } = content;
  return [
    { path: 'readme.txt', bytes: utf8(readme(title, content)) },
    { path: 'summary.pdf', bytes: await summaryPdf(title, summary) },
    { path: 'workbook.xlsx', bytes: await workbookOf(tables) },
    ...tables.flatMap(({ name, columns, rows }) => [
      { path: `tables/${name}.csv`, bytes: utf8(csvOf(columns.map((each) => each.name), rows)) },
      { path: `tables/${name}.json`, bytes: utf8(jsonOf(rows)) },
    ]), // prettier-ignore
    ...(statement === null
      ? []
      : [{ path: STATEMENT_FILE, bytes: utf8(canonicalJson(statement)) }]),
    ...(audit === null
      ? []
      : [
          { path: AUDIT_FILE, bytes: utf8(audit.rows.map((row) => `${canonicalJson(row)}\n`).join('')) },
          { path: AUDIT_HEADS_FILE, bytes: utf8(canonicalJson(audit.head === null ? [] : [audit.head])) },
        ]), // prettier-ignore
  ];
}

function readme(title: string, { audit, statement }: PackContent): string {
  return [
    title,
    '',
    'summary.pdf     what was found, on a few pages',
    'workbook.xlsx   every table as a sheet',
    'tables/         every table as CSV and as JSON; JSON holds values exactly, CSV guards cells that a spreadsheet would calculate',
    ...(statement === null
      ? []
      : [`${STATEMENT_FILE}  what was signed; its SHA-256 is the hash under each signature`]),
    ...(audit === null
      ? []
      : [`${AUDIT_FILE}  the audit log, each event with its place in the hash chain`]),
    'manifest.json   every file with its SHA-256, whole and by blocks of 1,024 bytes',
    'head.json       the manifest’s hash, signed (Ed25519)',
    '',
    'To check it, without a server or a database: trueup evidence verify FILE --public-key KEY',
    'KEY is what the issuer tells you by another way than this file.',
    '',
  ].join('\n');
}

function utf8(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}
