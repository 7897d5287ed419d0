import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cruise, type ICruiseResult, type IModule } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';

/** One import that no arrow allows, as `rule: from → to`. */
export interface ArrowViolation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

export interface ArrowReport {
  /** TypeScript files that the cruise read. */
  readonly cruised: number;
  /** TypeScript files that the tree holds. */
  readonly onDisk: number;
  readonly missing: readonly string[];
  readonly violations: readonly ArrowViolation[];
}

const ROOTS = ['src', 'connectors', 'mappings', 'jobs', 'test'] as const;
/** Has a package, a lockfile and rules of its own. */
const APART = 'test/support/scim-server/';
const ARITHMETIC = /^src\/kernel\/(money|quantity|rational)\.ts$/;
const IMPURE = /^src\/(db|queue)\/|(^|[/-])(store|tables)\.ts$/;

/** Every TypeScript file of the tree below `base`, as paths with forward slashes. */
export function typescriptFiles(base: string): readonly string[] {
  return ROOTS.flatMap((root) => filesBelow(base, root)).toSorted((a, b) => a.localeCompare(b));
}

function filesBelow(base: string, folder: string): string[] {
  return readdirSync(join(base, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.name === 'node_modules' || `${path}/` === APART) return [];
    if (entry.isDirectory()) return filesBelow(base, path);
    return isTypeScript(path) ? [path] : [];
  });
}

function isTypeScript(path: string): boolean {
  return /\.tsx?$/.test(path);
}

/**
 * Arithmetic of licensing and commerce takes data and returns data. A file there that computes
 * with money, quantities or rationals may therefore not import, by value, what reads or writes rows.
 */
function impureArithmetic(module: IModule): readonly ArrowViolation[] {
  if (!/^src\/(licensing|commerce)\//.test(module.source)) return [];
  if (module.source.endsWith('.test.ts')) return [];
  const byValue = module.dependencies.filter((d) => !d.dependencyTypes.includes('type-only'));
  if (!byValue.some((d) => ARITHMETIC.test(d.resolved))) return [];
  return byValue
    .filter((d) => IMPURE.test(d.resolved))
    .map((d) => ({ rule: 'arithmetic-is-pure', from: module.source, to: d.resolved }));
}

/**
 * Cruises the tree below `base` against the rules of this repository's `.dependency-cruiser.cjs`.
 * Resolves with what was seen; throws only if the cruise itself cannot run.
 */
export async function checkArrows(base: string): Promise<ArrowReport> {
  const rules = await extractOptions(resolve(import.meta.dirname, '../../.dependency-cruiser.cjs'));
  const { output } = await cruise([...ROOTS], { ...rules, baseDir: base, validate: true });
  if (typeof output === 'string') throw new TypeError('dependency-cruiser gave text, not a result');
  return report(base, output);
}

function report(base: string, result: ICruiseResult): ArrowReport {
  const files = typescriptFiles(base);
  const seen = new Set(result.modules.map((module) => module.source));
  const declared = result.summary.violations.map(({ rule, from, to }) => ({
    rule: rule.name,
    from,
    to,
  }));
  return {
    cruised: result.modules.filter((m) => isTypeScript(m.source) && files.includes(m.source))
      .length,
    onDisk: files.length,
    missing: files.filter((file) => !seen.has(file)),
    violations: [...declared, ...result.modules.flatMap(impureArithmetic)],
  };
}

async function main(): Promise<void> {
  const base = resolve(process.argv[2] ?? '.');
  const found = await checkArrows(base);
  for (const { rule, from, to } of found.violations) console.error(`${rule}: ${from} → ${to}`);
  for (const file of found.missing) console.error(`not cruised: ${file}`);
  console.log(
    `arrows: ${found.cruised} modules cruised, ${found.onDisk} TypeScript files in the tree, ` +
      `${found.violations.length} violations`,
  );
  const complete = found.cruised === found.onDisk && found.onDisk > 0;
  if (!complete || found.violations.length > 0) process.exitCode = 1;
}

if (process.argv[1] === import.meta.filename) await main();
