import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { editSource } from './edit-source.ts';

// `node --import …/apply-mutant.ts` with TRUEUP_TEST_MUTANT: this process and its children load the sources with one
// mistake in them. No file is changed.

const edit = editSource(process.env['TRUEUP_TEST_MUTANT'] ?? '');

registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context);
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return loaded;
    const path = fileURLToPath(url);
    const source = readFileSync(path, 'utf8');
    const edited = edit(source, path);
    if (edited === source) return loaded;
    return { ...loaded, source: stripTypeScriptTypes(edited), format: 'module' };
  },
});
