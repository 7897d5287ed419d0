import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TransformDefinition } from '../../src/sdk/define-transform.ts';

const FOLDER = join(import.meta.dirname, '../../mappings/transforms');

/** The steps below `mappings/transforms`, by name, found by scanning the folder. */
export async function shippedSteps(): Promise<ReadonlyMap<string, TransformDefinition>> {
  const files = readdirSync(FOLDER).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  const steps = await Promise.all(
    files.map(async (file) => {
      const loaded: { readonly default: TransformDefinition } = await import(join(FOLDER, file));
      return loaded.default;
    }),
  );
  return new Map(steps.map((step) => [step.name, step]));
}
