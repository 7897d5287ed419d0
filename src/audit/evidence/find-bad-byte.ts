import { BLOCK_BYTES, blockHash, sha256Hex, type PackedFile } from './pack-shape.ts';

/** Where a file stops being what was packed. `exact` is false when only the block of the first change is known. */
export interface BadByte {
  readonly offset: number;
  readonly exact: boolean;
}

/** The first byte of a file that is not the packed one, or null if the file is whole. */
export function findBadByte(expected: PackedFile, bytes: Uint8Array): BadByte | null {
  if (bytes.length === expected.bytes && sha256Hex(bytes) === expected.sha256) return null;
  const bad = expected.blocks.findIndex((hash, index) => hash !== blockHash(blockAt(bytes, index)));
  if (bad === -1) return { offset: expected.bytes, exact: true };
  const start = bad * BLOCK_BYTES;
  const within = changedByte(blockAt(bytes, bad), expected.blocks[bad] ?? '');
  return within === null
    ? { offset: Math.min(start, bytes.length), exact: false }
    : { offset: start + within, exact: true };
}

function blockAt(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES);
}

/** The one byte whose change explains the block, found by trying every one; null if no single byte does. */
function changedByte(block: Uint8Array, hash: string): number | null {
  const trial = Buffer.from(block);
  for (let at = 0; at < trial.length; at += 1) {
    const found = trial[at] ?? 0;
    for (let change = 1; change < 256; change += 1) {
      trial[at] = found ^ change;
      if (blockHash(trial) === hash) return at;
    }
    trial[at] = found;
  }
  return null;
}
