import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NotFoundError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import { builtinsOf, jsonRecord, loadBuiltins } from '../../mapping/builtin.ts';
import type { MappingProblem } from '../../mapping/language/mapping-problem.ts';
import type { ReadSample } from '../../mapping/run-mapping-tests.ts';
import { validateMapping } from '../../mapping/validate.ts';
import type { Registry } from '../../registry/load-registry.ts';

/** What can be said of a mapping file without a store and without a system. */
export interface MappingVerdict {
  readonly ok: boolean;
  /** Empty if and only if the file fits and its tests pass. */
  readonly problems: readonly MappingProblem[];
}

const NAMES_A_BASE = /\bextends\b/;

/**
 * Checks a mapping file and runs its tests with the steps and shipped mappings of this installation. JSON samples that
 * its tests name are read from the folder of the file, else from the shipped ones. Throws NotFoundError for a file that cannot be read.
 */
export async function validateMappingFile(
  plugIns: Pick<Registry, 'mappingsDir' | 'transforms'>,
  path: string,
): Promise<MappingVerdict> {
  const text = await readText(path);
  // Reading every shipped mapping takes longer than the check itself, and only a file that extends one needs it.
  const builtins = NAMES_A_BASE.test(text)
    ? await loadBuiltins(plugIns.mappingsDir, plugIns.transforms)
    : builtinsOf([], plugIns.transforms);
  const folders = [dirname(path), plugIns.mappingsDir];
  const readSample: ReadSample = (name) =>
    folders.map((folder) => readRecord(join(folder, name))).find((each) => each !== null) ?? null;
  const checked = validateMapping(text, path, builtins, readSample);
  return { ok: checked.ok, problems: checked.ok ? [] : checked.problems };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new NotFoundError(`The file ${path} cannot be read.`, { cause: error });
  }
}

function readRecord(path: string): JsonObject | null {
  try {
    return jsonRecord(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
