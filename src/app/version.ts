import { createRequire } from 'node:module';

/** The version of this program, from its package. */
export function version(): string {
  const found: unknown = createRequire(import.meta.url)('../../package.json');
  const isPackage = typeof found === 'object' && found !== null && 'version' in found;
  return isPackage ? String(found.version) : 'unknown';
}
