import { stringify } from 'yaml';
import type { TenantTx } from '../db/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import type { Builtins } from './builtin.ts';
import { MappingDocument } from './language/mapping-document.ts';
import { readYaml } from './language/read-yaml.ts';
import { isOverride } from './language/resolve-override.ts';
import { numberedText } from './numbered-text.ts';

/** A content of a mapping that is or was in effect. */
export interface MappingVersion {
  readonly mappingId: string;
  readonly version: number;
  readonly origin: 'shipped' | 'published';
  readonly hash: string;
  readonly document: MappingDocument;
  /** As a person wrote it, with its comments. */
  readonly text: string;
  readonly inEffect: boolean;
  /** Null for a shipped one. */
  readonly publishedAt: Date | null;
  readonly publishedBy: string | null;
  readonly retiredAt: Date | null;
  readonly note: string;
  readonly changeId: string | null;
  /** The version whose content this one brought back; null where it did not. */
  readonly rolledBackTo: number | null;
}

type Row = Omit<MappingVersion, 'document' | 'origin'> & { readonly document: unknown };

const COLUMNS = `v.mapping_id as "mappingId", v.version, v.hash, v.document, v.source_text as text,
  v.status = 'published' as "inEffect", v.published_at as "publishedAt", v.published_by as "publishedBy",
  v.retired_at as "retiredAt", v.note, v.change_id as "changeId", v.rolled_back_to as "rolledBackTo"`;

/**
 * The contents that are or were in effect under an id, newest first: what was published, and the shipped one. Throws
 * NotFoundError for an id that nobody knows.
 */
export async function versionsOf(
  tx: TenantTx,
  builtins: Builtins,
  mappingId: string,
): Promise<readonly MappingVersion[]> {
  const rows = await tx.sql<Row>(
    `select ${COLUMNS} from mapping_version v where v.mapping_id = $1 order by v.version desc`,
    [mappingId],
  );
  const published = rows.map(toVersion);
  const shipped = shippedVersion(builtins, mappingId);
  if (shipped === null) return published;
  const replaced = published.some(({ inEffect }) => inEffect);
  return [...published, { ...shipped, inEffect: !replaced }].toSorted(
    (a, b) => b.version - a.version,
  );
}

/** The content in effect, or null where nothing is. */
export async function liveVersion(
  tx: TenantTx,
  builtins: Builtins,
  mappingId: string,
): Promise<MappingVersion | null> {
  const [row] = await tx.sql<Row>(
    `select ${COLUMNS} from mapping_version v where v.mapping_id = $1 and v.status = 'published'`,
    [mappingId],
  );
  return row === undefined ? shippedVersion(builtins, mappingId) : toVersion(row);
}

/** What is in effect under every id, shipped or published, by id. */
export async function liveVersions(
  tx: TenantTx,
  builtins: Builtins,
): Promise<readonly MappingVersion[]> {
  const rows = await tx.sql<Row>(
    `select ${COLUMNS} from mapping_version v where v.status = 'published'`,
  );
  const published = rows.map(toVersion);
  const replaced = new Set(published.map(({ mappingId }) => mappingId));
  const shipped = builtins.mappings
    .filter(({ document }) => !replaced.has(document.id))
    .map(({ document }) => shippedVersion(builtins, document.id))
    .filter((version) => version !== null);
  return [...shipped, ...published].toSorted((a, b) => (a.mappingId < b.mappingId ? -1 : 1));
}

/** One version. A published one goes before the shipped one of the same number. Throws NotFoundError. */
export async function versionOf(
  tx: TenantTx,
  builtins: Builtins,
  mappingId: string,
  version: number,
): Promise<MappingVersion> {
  const all = await versionsOf(tx, builtins, mappingId);
  const found = all.find((each) => each.version === version);
  if (found !== undefined) return found;
  throw new NotFoundError(
    all.length === 0
      ? `There is no mapping "${mappingId}". \`trueup mappings list\` shows those there are.`
      : `The mapping "${mappingId}" has no version ${version}. It has: ${all.map((each) => each.version).join(', ')}.`,
  );
}

/** The content of a version under another number, as a text of its own that needs no shipped mapping. */
export function textUnder(version: MappingVersion, number: number): string {
  const read = readYaml(version.text);
  const standsAlone = read.ok && !isOverride(read.yaml.value);
  const text = standsAlone
    ? version.text
    : stringify(version.document, { aliasDuplicateObjects: false });
  return numberedText(text, number);
}

function shippedVersion(builtins: Builtins, mappingId: string): MappingVersion | null {
  const mapping = builtins.find(mappingId);
  if (mapping === null) return null;
  return {
    mappingId,
    version: mapping.document.version,
    origin: 'shipped',
    hash: mapping.hash,
    document: mapping.document,
    text: builtins.textOf(mappingId) ?? '',
    inEffect: true,
    publishedAt: null,
    publishedBy: null,
    retiredAt: null,
    note: '',
    changeId: null,
    rolledBackTo: null,
  };
}

function toVersion(row: Row): MappingVersion {
  return { ...row, origin: 'published', document: MappingDocument.parse(row.document) };
}
