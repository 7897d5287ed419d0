import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { JestReport, summarizeRun } from './summarize-run.ts';

// Runs what CI runs: every suite, and the gate beside them, whose words come in one piece when it ends.
// Prints `N passed, N failed` as its last line. Arguments go to jest, so `make test` and a narrowed run count alike.

const repository = resolve(import.meta.dirname, '../..');
const flags = ['--disable-warning=ExperimentalWarning', '--experimental-vm-modules'];

interface Ended {
  /** Null if it did not start, or was ended by a signal. */
  readonly status: number | null;
  /** What it wrote, where it was not written through. */
  readonly said: string;
}

function run(command: string, args: readonly string[], output: 'through' | 'kept'): Promise<Ended> {
  const stdio = output === 'through' ? 'inherit' : 'pipe';
  const child = spawn(command, args, { cwd: repository, stdio: ['ignore', stdio, stdio] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => said.push(part)); // prettier-ignore
  return new Promise((done) => {
    child.once('error', (error) => {
      console.error(`${command} did not start: ${error.message}`);
      done({ status: null, said: '' });
    });
    child.once('close', (status) => done({ status, said: Buffer.concat(said).toString('utf8') }));
  });
}

async function passGate(): Promise<boolean> {
  const { status, said } = await run('npm', ['run', '--silent', 'check'], 'kept');
  process.stdout.write(said);
  return status === 0;
}

function readReport(file: string): JestReport | undefined {
  if (!existsSync(file)) return undefined;
  return JestReport.parse(JSON.parse(readFileSync(file, 'utf8')));
}

const folder = mkdtempSync(join(tmpdir(), 'trueup-tests-'));
const outputFile = join(folder, 'report.json');
const jest = [...flags, 'node_modules/jest/bin/jest.js', '--json', `--outputFile=${outputFile}`];
const [gatePassed, { status: jestStatus }] = await Promise.all([
  passGate(),
  run(process.execPath, [...jest, ...process.argv.slice(2)], 'through'),
]);
const summary = summarizeRun({ report: readReport(outputFile), jestStatus, gatePassed });
rmSync(folder, { recursive: true, force: true });
for (const line of summary.lines) console.log(line);
process.exitCode = summary.ok ? 0 : 1;
