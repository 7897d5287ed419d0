import { createPublicKey, verify } from 'node:crypto';
import { canonicalJson } from '../../kernel/hash.ts';
import type { ChainRow } from '../chain.ts';
import type { ChainFault } from '../chain-fault.ts';
import type { AuditHead } from '../head.ts';
import { verifyChain } from '../verify.ts';
import { findBadByte, type BadByte } from './find-bad-byte.ts';
import * as shape from './pack-shape.ts';
import { filesOf, LOCAL_HEADER_BYTES, zipOf } from './pack-zip.ts';

/** The first thing that is wrong with a pack; `file` is null for the ZIP around the files. */
export interface PackFault {
  readonly file: string | null;
  readonly offset: number;
  readonly exact: boolean;
  readonly message: string;
}

export interface PackCheck {
  /** The signed statement, as far as it could be read; null if no head of the pack is signed. */
  readonly manifest: shape.PackManifest | null;
  readonly publicKey: string | null;
  readonly fault: PackFault | null;
  /** What was done to the audit extract, in the words of the chain. */
  readonly auditFault: ChainFault | null;
}

type Files = ReadonlyMap<string, readonly Uint8Array[]>;

/**
 * Checks a pack by itself. `publicKey` is the key that its reader trusts; without one the key inside the pack is taken,
 * and the answer names it so that it can be compared with the one that the issuer tells.
 */
export async function verifyPack(zip: Uint8Array, publicKey: string | null): Promise<PackCheck> {
  const files = filesOf(zip);
  const head = signedHead(files, publicKey);
  if (head === null) {
    const message = 'No head of this pack carries a signature of the expected key.';
    return {
      manifest: null,
      publicKey: null,
      fault: at(shape.HEAD_FILE, message),
      auditFault: null,
    };
  }
  const signed = { publicKey: head.publicKey };
  const headBytes = Buffer.from(canonicalJson(head));
  const headFile = shape.describeFile(shape.HEAD_FILE, headBytes);
  const start = placeAfter(headFile, 0);
  const manifestFault = fileFault(head.manifest, files, placed(zip, head.manifest, start));
  if (manifestFault.fault !== null) {
    return { ...signed, manifest: null, fault: manifestFault.fault, auditFault: null };
  }
  const manifest = shape.PackManifest.safeParse(json(manifestFault.bytes)).data;
  if (manifest === undefined) {
    const message = `${shape.MANIFEST_FILE} is signed, and not of a form that this version reads.`;
    return { ...signed, manifest: null, fault: at(shape.MANIFEST_FILE, message), auditFault: null };
  }
  const copy = { ...headFile, path: shape.HEAD_COPY_FILE };
  const expected = [headFile, head.manifest, ...manifest.files, copy];
  let place = 0;
  const checked = expected.map((file) => {
    const start = place;
    place = placeAfter(file, start);
    return fileFault(file, files, placed(zip, file, start));
  });
  const fault = checked.find((file) => file.fault !== null)?.fault ?? null;
  const whole = checked.map(({ bytes }, index) => ({ path: expected[index]?.path ?? '', bytes }));
  return {
    ...signed,
    manifest,
    fault: fault ?? zipFault(zip, zipOf(whole), files),
    auditFault: await auditFault(manifest, files),
  };
}

function signedHead(files: Files, trusted: string | null): shape.PackHead | null {
  for (const path of [shape.HEAD_FILE, shape.HEAD_COPY_FILE]) {
    for (const bytes of files.get(path) ?? []) {
      const head = shape.PackHead.safeParse(json(bytes));
      if (head.success && isSigned(head.data, trusted)) return head.data;
    }
  }
  return null;
}

function isSigned(head: shape.PackHead, trusted: string | null): boolean {
  const { signature, publicKey, ...body } = head;
  if (trusted !== null && publicKey !== trusted) return false;
  try {
    const key = createPublicKey({
      key: Buffer.from(publicKey, 'base64'),
      format: 'der',
      type: 'spki',
    });
    return verify(null, Buffer.from(canonicalJson(body)), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

function fileFault(
  expected: shape.PackedFile,
  files: Files,
  inPlace: Uint8Array,
): { readonly fault: PackFault | null; readonly bytes: Uint8Array } {
  if (shape.sha256Hex(inPlace) === expected.sha256) return { fault: null, bytes: inPlace };
  const candidates = files.get(expected.path) ?? [];
  let first: BadByte | null = null;
  for (const bytes of candidates) {
    const bad = findBadByte(expected, bytes);
    if (bad === null) return { fault: null, bytes };
    first ??= bad;
  }
  const bytes = candidates[0] ?? new Uint8Array();
  if (first === null) return { fault: at(expected.path, `${expected.path} is gone.`), bytes };
  const message = first.exact
    ? `${expected.path} is not what was packed from byte ${first.offset} on.`
    : `${expected.path} is not what was packed in the ${shape.BLOCK_BYTES} bytes from ${first.offset} on.`;
  return { fault: { file: expected.path, ...first, message }, bytes };
}

/** Where the next file of a pack begins: its layout follows from the names and sizes alone. */
function placeAfter(file: shape.PackedFile, start: number): number {
  return start + LOCAL_HEADER_BYTES + file.path.length + file.bytes;
}

/** The bytes that stand where a file has to stand, however the ZIP around it reads. */
function placed(zip: Uint8Array, file: shape.PackedFile, start: number): Uint8Array {
  const from = start + LOCAL_HEADER_BYTES + file.path.length;
  return zip.subarray(from, from + file.bytes);
}

/** What was done to the ZIP around whole files: one more put in, or a byte of its own changed. */
function zipFault(zip: Uint8Array, expected: Uint8Array, files: Files): PackFault | null {
  if (Buffer.compare(zip, expected) === 0) return null;
  const packed = filesOf(expected);
  const stranger = [...files.keys()].find((path) => !packed.has(path));
  if (zip.length > expected.length && stranger !== undefined)
    return at(stranger, `${stranger} was never packed.`);
  let offset = 0;
  while (offset < expected.length && zip[offset] === expected[offset]) offset += 1;
  const message = `Every file is whole; the ZIP around them was changed at byte ${offset}.`;
  return { file: null, offset, exact: true, message };
}

async function auditFault(manifest: shape.PackManifest, files: Files): Promise<ChainFault | null> {
  const rows = files.get(shape.AUDIT_FILE)?.[0];
  const heads = files.get(shape.AUDIT_HEADS_FILE)?.[0];
  if (rows === undefined || heads === undefined) return null;
  try {
    const chain = Buffer.from(rows).toString('utf8').split('\n').filter(Boolean);
    return await verifyChain(
      chain.map((line) => JSON.parse(line) as ChainRow),
      {
        tenant: manifest.tenant,
        publicKey: manifest.auditPublicKey,
        heads: JSON.parse(Buffer.from(heads).toString('utf8')) as readonly AuditHead[],
      },
    );
  } catch {
    return null; // not JSON any more: the bad byte of the file is named already
  }
}

function json(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}

function at(file: string, message: string): PackFault {
  return { file, offset: 0, exact: false, message };
}
