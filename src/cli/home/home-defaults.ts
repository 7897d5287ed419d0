import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { ConfigError } from '../../kernel/errors.ts';

/** What a home wants of its own server: the sample company's home pins the day on which that company lives. */
const HomeDefaults = z.strictObject({ TRUEUP_TODAY: z.string().optional() });
type HomeDefaults = z.infer<typeof HomeDefaults>;

const path = (home: string): string => join(home, 'home.json');

/** Variables for the home's own processes. Throws ConfigError on a file that is not right. */
export async function homeDefaults(home: string): Promise<Record<string, string>> {
  let text: string;
  try {
    text = await readFile(path(home), 'utf8');
  } catch {
    return {};
  }
  try {
    const { TRUEUP_TODAY } = HomeDefaults.parse(JSON.parse(text));
    return TRUEUP_TODAY === undefined ? {} : { TRUEUP_TODAY };
  } catch (error) {
    throw new ConfigError(`${path(home)} is not right. Correct it or remove it.`, { cause: error });
  }
}

/** Sets the defaults of a home. */
export async function writeHomeDefaults(home: string, defaults: HomeDefaults): Promise<void> {
  await writeFile(path(home), `${JSON.stringify(defaults)}\n`, { mode: 0o600 });
}
