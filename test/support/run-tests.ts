import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { JestReport, summarizeRun } from './summarize-run.ts';

// Runs what CI runs: the gate, then every suite. Prints `N passed, N failed` as its last line.
// Arguments go to jest, so `make test` and a narrowed run count alike.

const repository = resolve(import.meta.dirname, '../..');
const flags = ['--disable-warning=ExperimentalWarning', '--experimental-vm-modules'];

function run(command: string, args: readonly string[]): number | null {
  const { status, error } = spawnSync(command, args, { cwd: repository, stdio: 'inherit' });
  if (error !== undefined) console.error(`${command} did not start: ${error.message}`);
  return status;
}

function readReport(file: string): JestReport | undefined {
  if (!existsSync(file)) return undefined;
  return JestReport.parse(JSON.parse(readFileSync(file, 'utf8')));
}

const gatePassed = run('npm', ['run', '--silent', 'check']) === 0;
const folder = mkdtempSync(join(tmpdir(), 'trueup-tests-'));
const outputFile = join(folder, 'report.json');
const jest = [...flags, 'node_modules/jest/bin/jest.js', '--json', `--outputFile=${outputFile}`];
const jestStatus = run(process.execPath, [...jest, ...process.argv.slice(2)]);
const summary = summarizeRun({ report: readReport(outputFile), jestStatus, gatePassed });
rmSync(folder, { recursive: true, force: true });
for (const line of summary.lines) console.log(line);
process.exitCode = summary.ok ? 0 : 1;
