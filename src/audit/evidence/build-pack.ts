import { sign } from 'node:crypto';
import { canonicalJson } from '../../kernel/hash.ts';
import { keysFromSeed } from '../head.ts';
import {
  describeFile,
  HEAD_COPY_FILE,
  HEAD_FILE,
  MANIFEST_FILE,
  type PackHead,
  type PackManifest,
} from './pack-shape.ts';
import { zipOf, type ZipEntry } from './pack-zip.ts';

/**
 * A signed pack of these files: the head, the manifest, the files in their order, the head again. The same content and
 * key give the same bytes. `seed` is the 32 bytes of the key.
 */
export function buildPack(
  about: Omit<PackManifest, 'format' | 'files'>,
  files: readonly ZipEntry[],
  seed: Uint8Array,
): Uint8Array {
  const manifest: PackManifest = {
    format: 'trueup-evidence-pack/1',
    ...about,
    files: files.map(({ path, bytes }) => describeFile(path, bytes)),
  };
  const manifestBytes = utf8(canonicalJson(manifest));
  const body = {
    tenant: about.tenant,
    runId: about.runId,
    manifest: describeFile(MANIFEST_FILE, manifestBytes),
  };
  const head = utf8(canonicalJson(signHead(body, seed)));
  return zipOf([
    { path: HEAD_FILE, bytes: head },
    { path: MANIFEST_FILE, bytes: manifestBytes },
    ...files,
    { path: HEAD_COPY_FILE, bytes: head },
  ]);
}

function signHead(body: Omit<PackHead, 'signature' | 'publicKey'>, seed: Uint8Array): PackHead {
  const { key, publicKey } = keysFromSeed(seed);
  const signature = sign(null, Buffer.from(canonicalJson(body)), key).toString('base64');
  return { ...body, signature, publicKey };
}

function utf8(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}
