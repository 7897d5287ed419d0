import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Prints at the end which files were loaded. */
const WATCH = `import { registerHooks } from 'node:module';
const seen = [];
registerHooks({ load: (url, context, next) => (seen.push(url), next(url, context)) });
process.on('exit', () => console.error(seen.join('\\n')));`;

test('a command loads nothing of what only servers need, so that it starts fast', async () => {
  const hook = `data:text/javascript,${encodeURIComponent(WATCH)}`;
  const main = join(import.meta.dirname, 'main.ts');

  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    '--import',
    hook,
    main,
    '--help',
  ]);

  expect(stdout).toContain('Usage: trueup');
  expect(stderr).toContain('commander');
  expect(stderr).not.toMatch(/node_modules\/(pg|kysely|bullmq|express|winston|axios)\//);
  expect(stderr).not.toMatch(/src\/(queue|http|intake|mapping|delivery)\//);
});
