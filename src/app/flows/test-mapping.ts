import type { TenantTx } from '../../db/store.ts';
import { ValidationError } from '../../kernel/errors.ts';
import { compileAny } from '../../mapping/builtin.ts';
import { findDraft } from '../../mapping/drafts.ts';
import { parseMapping } from '../../mapping/language/parse-mapping.ts';
import { runMappingTests, type MappingTestResult } from '../../mapping/run-mapping-tests.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { mappingDetail } from '../mapping-view.ts';

export interface TestedMapping {
  readonly id: string;
  readonly ok: boolean;
  readonly tests: readonly MappingTestResult[];
}

/**
 * Runs the tests that a mapping has of its own: of the text that is handed in, else of its draft, else of what is in
 * effect. Throws NotFoundError, and a ValidationError for a text that does not fit.
 */
export async function testMapping(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly text?: string | undefined },
): Promise<TestedMapping> {
  const text =
    input.text ??
    (await deps.store.readTenant(caller.tenantId, (tx) => newestText(deps, tx, input.id)));
  const { mappings } = deps;
  const findShipped = (id: string) => mappings.find(id)?.document ?? null;
  const parsed = parseMapping(text, 'the text', mappings.steps, findShipped);
  if (!parsed.ok) {
    throw new ValidationError('The mapping does not fit, so its tests were not run.', {
      details: { problems: parsed.problems },
    });
  }
  const plan = compileAny(parsed.mapping, mappings.steps);
  const tests = runMappingTests(plan, parsed.mapping.document, mappings.sample);
  return { id: input.id, ok: tests.every(({ passed }) => passed), tests };
}

async function newestText(deps: Deps, tx: TenantTx, id: string): Promise<string> {
  const draft = await findDraft(tx, id);
  return draft?.text ?? (await mappingDetail(deps, tx, id)).text;
}
