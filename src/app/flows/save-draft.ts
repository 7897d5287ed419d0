import { stringify } from 'yaml';
import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { StaleError, ValidationError } from '../../kernel/errors.ts';
import {
  lockDraft,
  saveDraft as save,
  type MappingDraft,
  type SeenDraft,
} from '../../mapping/drafts.ts';
import { readYaml } from '../../mapping/language/read-yaml.ts';
import { liveVersion } from '../../mapping/versions.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { withdrawStale } from '../withdraw-stale.ts';

/** A mapping as its text, or as the document that the text stands for. */
export type MappingInput =
  | { readonly text: string; readonly document?: undefined }
  | { readonly document: object; readonly text?: undefined };

/** The text of what was handed in. */
export function textOf(input: MappingInput): string {
  return input.text ?? stringify(input.document, { aliasDuplicateObjects: false });
}

/**
 * Keeps a text as the draft of a mapping that exists. What waited for an approval is withdrawn: nobody has seen this
 * text. Throws PreconditionFailed where the draft is not what the caller saw, a ValidationError for a text that does not
 * fit, and StaleError where `baseVersion` is not the version in effect.
 */
export function saveDraft(
  deps: Deps,
  caller: Caller,
  input: MappingInput & {
    readonly id: string;
    readonly seen: SeenDraft;
    /** The version in effect that the writer has taken into account; the draft's own base when absent. */
    readonly baseVersion?: number | undefined;
    /** Who begins a draft with a whole text has to say the base: a text from before would undo what came since. */
    readonly mustSayBase?: boolean;
  },
): Promise<MappingDraft> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const { id, seen, baseVersion, mustSayBase = false } = input;
    const live = mustSayBase ? await liveVersion(tx, deps.mappings, id) : null;
    if (live !== null && seen === 'none' && baseVersion === undefined) {
      throw new StaleError(
        `Version ${live.version} of "${id}" is in effect. Say which version this text was written over: baseVersion, or --base.`,
      );
    }
    return keepDraft(deps, tx, caller, { ...input, text: textOf(input) });
  });
}

/** {@link saveDraft} in the caller's transaction. */
export async function keepDraft(
  deps: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  caller: Caller,
  input: {
    readonly id: string;
    readonly text: string;
    readonly seen: SeenDraft | null;
    readonly baseVersion?: number | undefined;
  },
): Promise<MappingDraft> {
  const { id, text } = input;
  const before = await lockDraft(tx, id, input.seen);
  const live = (await liveVersion(tx, deps.mappings, id))?.version ?? null;
  if (input.baseVersion !== undefined && input.baseVersion !== live) {
    throw new StaleError(
      `Version ${live ?? 'none'} of "${id}" is in effect, not ${input.baseVersion}. Look at it before you write over it.`,
    );
  }
  const baseVersion = input.baseVersion ?? (before === null ? live : before.baseVersion);
  const content = { mappingId: id, text, baseVersion, person: caller.personId };
  const draft = await save(tx, deps.mappings, content, before);
  if (before?.state === 'submitted') await withdrawStale(tx, caller, id);
  await appendAudit(tx, {
    actor: caller.actor,
    action: 'mapping.draft-saved',
    subject: { type: 'mapping', id },
    details: { revision: draft.revision, hash: draft.hash, baseVersion },
  });
  return draft;
}

/** Makes the draft of a mapping that does not exist yet. Throws StaleError where the id is taken. */
export function newMapping(deps: Deps, caller: Caller, input: MappingInput): Promise<MappingDraft> {
  const text = textOf(input);
  const id = idIn(text);
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const taken = (await liveVersion(tx, deps.mappings, id)) ?? (await lockDraft(tx, id, null));
    if (taken !== null) {
      throw new StaleError(
        `There is a mapping "${id}" already. Edit it with: trueup mappings edit ${id}`,
      );
    }
    return keepDraft(deps, tx, caller, { id, text, seen: 'none' });
  });
}

/** The id that a text gives; the text is checked as a whole where it is kept. Throws a ValidationError without one. */
export function idIn(text: string): string {
  const read = readYaml(text);
  if (!read.ok) {
    throw new ValidationError('The mapping does not fit, so nothing was saved.', {
      details: { problems: [{ hint: null, ...read.problem, line: read.line }] },
    });
  }
  const { value } = read.yaml;
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  if (typeof id === 'string' && id !== '') return id;
  const problem = {
    row: null,
    pointer: '/id',
    code: 'missing',
    message: 'The mapping has no id.',
    hint: 'Write id: own.name.',
    line: 1,
  };
  throw new ValidationError('The mapping does not fit, so nothing was saved.', {
    details: { problems: [problem] },
  });
}
