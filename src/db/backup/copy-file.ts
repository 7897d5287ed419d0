import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { BackedUpFile } from './manifest.ts';

/** Copies a file as it is, though it may grow meanwhile, through to the disk, and says what was copied. */
export async function copyFile(
  from: string,
  to: string,
): Promise<Pick<BackedUpFile, 'size' | 'sha256'>> {
  const source = await open(from, 'r');
  const hash = createHash('sha256');
  let size = 0;
  await pipeline(
    source.createReadStream(),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(to, { flags: 'wx', mode: 0o600, flush: true }),
  );
  return { size, sha256: hash.digest('hex') };
}
