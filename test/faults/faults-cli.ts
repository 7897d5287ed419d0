import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { JestReport } from '../support/summarize-run.ts';
import { filesByCase, LISTED, namePattern, ROOT } from './manifest.ts';
import { tellCases, type TestOutcome } from './tell-cases.ts';

// `npm run faults [-- --case 33 …]`: the reliability cases by id. Each is run by the tests that carry its name.

/** Runs the tests of these files whose names match. What goes wrong is told by jest itself, on stderr. */
function runTests(files: readonly string[], pattern: string): readonly TestOutcome[] {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-faults-'));
  const outputFile = join(folder, 'report.json');
  const node = ['--disable-warning=ExperimentalWarning', '--experimental-vm-modules'];
  const jest = [
    'node_modules/jest/bin/jest.js',
    `--testNamePattern=${pattern}`,
    // The whole suite, with the cases that an ordinary run of the tests leaves out.
    '--testPathIgnorePatterns=/node_modules/',
    '--json',
    `--outputFile=${outputFile}`,
    '--runTestsByPath',
  ];
  spawnSync(process.execPath, [...node, ...jest, ...files], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] }); // prettier-ignore
  const report = existsSync(outputFile)
    ? JestReport.parse(JSON.parse(readFileSync(outputFile, 'utf8')))
    : undefined;
  rmSync(folder, { recursive: true, force: true });
  return report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? [];
}

const { values } = parseArgs({ options: { case: { type: 'string', multiple: true } } });
const wanted = values.case?.map((text) => Number(text.replace(/^F-/i, ''))) ?? LISTED;
const strange = wanted.filter((id) => !LISTED.includes(id));
if (strange.length > 0) {
  console.error(`There is no case ${strange.join(', ')}. There are ${LISTED.join(', ')}.`);
  process.exit(2);
}

const proved = await filesByCase();
const files = [...new Set(wanted.flatMap((id) => proved.get(id) ?? []))];
const tests = files.length === 0 ? [] : runTests(files, wanted.map(namePattern).join('|'));
const { lines, ok } = tellCases(wanted, tests);
for (const line of lines) console.log(line);
process.exitCode = ok ? 0 : 1;
