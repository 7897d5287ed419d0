import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';

// Stripping replaces types with blanks, so positions in errors stay exact and no source map is
// needed. The cache key holds Node's version: the stripper ships inside Node.
export default {
  process: (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),
  getCacheKey: (source, path) =>
    createHash('sha256').update(process.version).update(path).update(source).digest('hex'),
};
