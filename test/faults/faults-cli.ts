import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { JestReport } from '../support/summarize-run.ts';
import { filesByCase, LISTED, ROOT } from './manifest.ts';
import { tellCases, type TestOutcome } from './tell-cases.ts';
import { readVerdicts, VERDICTS, type Verdict } from './verdicts.ts';

// `npm run faults [-- --case 33 …]`: the reliability cases by id. Each is run by the tests that carry its name.

interface Ran {
  readonly tests: readonly TestOutcome[];
  readonly verdicts: readonly Verdict[];
  /** Files that failed outside their tests. */
  readonly broken: readonly string[];
}

/** Runs the tests of these files. What goes wrong is told by jest itself, on stderr. */
async function runTests(files: readonly string[]): Promise<Ran> {
  // Without any file jest would run all there are.
  if (files.length === 0) return { tests: [], verdicts: [], broken: [] };
  const folder = mkdtempSync(join(tmpdir(), 'trueup-faults-'));
  const verdictsIn = join(folder, 'verdicts');
  const outputFile = join(folder, 'report.json');
  const node = ['--disable-warning=ExperimentalWarning', '--experimental-vm-modules'];
  const jest = [
    'node_modules/jest/bin/jest.js',
    // Whole files: in a story a case takes up what the tests before it left.
    '--testTimeout=240000',
    '--setupFilesAfterEnv=<rootDir>/test/faults/patience.ts',
    // The whole suite, with the cases that an ordinary run of the tests leaves out.
    '--testPathIgnorePatterns=/node_modules/',
    '--json',
    `--outputFile=${outputFile}`,
    '--runTestsByPath',
  ];
  const env = { ...process.env, [VERDICTS]: verdictsIn };
  spawnSync(process.execPath, [...node, ...jest, ...files], { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'inherit'] }); // prettier-ignore
  const report = existsSync(outputFile)
    ? JestReport.parse(JSON.parse(readFileSync(outputFile, 'utf8')))
    : undefined;
  const verdicts = await readVerdicts(verdictsIn);
  rmSync(folder, { recursive: true, force: true });
  const results = report?.testResults ?? [];
  const tests = results.flatMap(({ assertionResults }) => assertionResults);
  const broken = results.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((each) => each.status !== 'failed'),
  );
  return { tests, verdicts, broken: broken.map(({ name }) => relative(ROOT, name)) };
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
const { tests, verdicts, broken } = await runTests(files);
const { lines, ok } = tellCases(wanted, tests, verdicts, broken);
for (const line of lines) console.log(line);
console.log(`${(performance.now() / 60_000).toFixed(1)} minutes`);
process.exitCode = ok ? 0 : 1;
