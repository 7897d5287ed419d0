import { liveVersions } from '../../mapping/versions.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

export interface ExportedMappings {
  readonly mappings: readonly { readonly id: string; readonly version: number }[];
  /** One YAML document a mapping, as their writers wrote them. */
  readonly text: string;
}

/**
 * What is in effect as one text: the company's own mappings and what it changed of shipped ones, with `shipped` also the
 * rest, or those that are named. Throws NotFoundError for a name that nothing is in effect under.
 */
export function exportMappings(
  deps: Deps,
  caller: Caller,
  input: { readonly ids?: readonly string[] | undefined; readonly shipped: boolean },
): Promise<ExportedMappings> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const all = await liveVersions(tx, deps.mappings);
    const unknown = input.ids?.find((id) => !all.some(({ mappingId }) => mappingId === id));
    if (unknown !== undefined)
      throw new NotFoundError(`Nothing is in effect under "${unknown}", so it is not exported.`);
    const wanted = all.filter(({ mappingId, origin }) =>
      input.ids === undefined
        ? input.shipped || origin === 'published'
        : input.ids.includes(mappingId),
    );
    return {
      mappings: wanted.map(({ mappingId, version }) => ({ id: mappingId, version })),
      text: wanted
        .map(({ text }) => `---\n${text.replace(/^---[ \t]*\n/, '').trimEnd()}\n`)
        .join(''),
    };
  });
}
