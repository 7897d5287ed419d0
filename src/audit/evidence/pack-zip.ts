import { unzipSync, zipSync } from 'fflate';

export interface ZipEntry {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** ZIP knows no zone: the parts of this instant are written as they stand, wherever the process runs. */
const MTIME = new Date(1980, 0, 1);
const LOCAL_HEADER = 0x04_03_4b_50;
/** A local header before its name; our headers carry no extra field. */
export const LOCAL_HEADER_BYTES = 30;

/** A ZIP of these files in this order, not compressed: the same files give the same bytes on every machine. */
export function zipOf(entries: readonly ZipEntry[]): Uint8Array {
  const files = Object.fromEntries(entries.map(({ path, bytes }) => [path, bytes]));
  return zipSync(files, { level: 0, mtime: MTIME });
}

/**
 * The files of a ZIP by path: as its local headers and as its directory tell them, because damage to the one leaves
 * the other. A file has one or two candidates, the former reading first.
 */
export function filesOf(zip: Uint8Array): ReadonlyMap<string, readonly Uint8Array[]> {
  const found = new Map<string, Uint8Array[]>();
  for (const { path, bytes } of [...walk(zip), ...listed(zip)]) {
    found.set(path, [...(found.get(path) ?? []), bytes]);
  }
  return found;
}

function* walk(zip: Uint8Array): Generator<ZipEntry> {
  const view = Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength);
  let at = 0;
  while (at + LOCAL_HEADER_BYTES <= view.length && view.readUInt32LE(at) === LOCAL_HEADER) {
    const size = view.readUInt32LE(at + 18);
    const nameEnd = at + LOCAL_HEADER_BYTES + view.readUInt16LE(at + 26);
    const start = nameEnd + view.readUInt16LE(at + 28);
    const path = view.toString('utf8', at + LOCAL_HEADER_BYTES, nameEnd);
    yield { path, bytes: zip.subarray(start, start + size) };
    at = start + size;
  }
}

function listed(zip: Uint8Array): readonly ZipEntry[] {
  try {
    return Object.entries(unzipSync(zip)).map(([path, bytes]) => ({ path, bytes }));
  } catch {
    return [];
  }
}
