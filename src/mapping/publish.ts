import type { TenantTx } from '../db/store.ts';
import { NotFoundError, StaleError, ValidationError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { Builtins } from './builtin.ts';
import type { Mapping } from './language/parse-mapping.ts';
import { newestVersion } from './drafts.ts';
import { insertVersion, retire } from './mapping-store.ts';
import { validateMapping } from './validate.ts';
import { vendorSideOf } from './vendor-side.ts';

/** What was put in effect. */
export interface PublishedMapping {
  readonly id: string;
  readonly version: number;
  readonly hash: string;
}

/** A text to be put in effect, by whom, and what led to it. */
export interface Publication {
  readonly text: string;
  readonly person: string;
  readonly changeId?: string;
  readonly note?: string;
  /** The version whose content comes back. */
  readonly rolledBackTo?: number | null;
}

/**
 * Checks a mapping file, runs its tests and puts it in effect for the tenant, in place of the shipped mapping of the
 * same id or of what was published before. Throws a ValidationError with `details.problems` for a file that does not
 * fit or whose tests fail, and a StaleError where the version is not above every earlier one.
 */
export async function publishMapping(
  tx: TenantTx,
  builtins: Builtins,
  publication: Publication,
): Promise<PublishedMapping> {
  const checked = validateMapping(publication.text, 'published', builtins);
  if (!checked.ok) {
    throw new ValidationError('The mapping does not fit, so nothing was published.', {
      details: { problems: checked.problems },
    });
  }
  const { mapping } = checked;
  await assertNewer(tx, builtins, mapping);
  const { document, hash } = mapping;
  await insertVersion(tx, {
    mappingId: document.id,
    version: document.version,
    ...vendorSideOf(mapping),
    document: JSON.parse(JSON.stringify(document)) as JsonObject,
    sourceText: publication.text,
    hash,
    publishedBy: publication.person,
    changeId: publication.changeId ?? null,
    note: publication.note ?? '',
    rolledBackTo: publication.rolledBackTo ?? null,
  });
  return { id: document.id, version: document.version, hash };
}

/** Takes a published mapping out of effect; the shipped one of the same id, if any, is in effect again. */
export async function retireMapping(tx: TenantTx, mappingId: string): Promise<void> {
  if (await retire(tx, mappingId)) return;
  throw new NotFoundError(`Nothing is published under "${mappingId}".`);
}

async function assertNewer(tx: TenantTx, builtins: Builtins, { document }: Mapping): Promise<void> {
  const newest = await newestVersion(tx, builtins, document.id);
  if (document.version > newest) return;
  throw new StaleError(
    `Version ${newest} of the mapping "${document.id}" exists. Give yours version ${newest + 1}.`,
  );
}
