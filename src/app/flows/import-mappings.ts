import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { isLive, listConnections } from '../../intake/connections.ts';
import { StaleError, ValidationError } from '../../kernel/errors.ts';
import { findDraft } from '../../mapping/drafts.ts';
import type { MappingProblem } from '../../mapping/language/mapping-problem.ts';
import type { MappingDocument } from '../../mapping/language/mapping-document.ts';
import { semanticDiff, type MappingDifference } from '../../mapping/semantic-diff.ts';
import { validateMapping } from '../../mapping/validate.ts';
import { liveVersion } from '../../mapping/versions.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { keepDraft } from './save-draft.ts';

/** One mapping of a text that is imported, beside what is in effect here. */
export interface ImportedMapping {
  /** Its place in the text, from 0. */
  readonly index: number;
  readonly id: string | null;
  readonly state: 'new' | 'changed' | 'same' | 'refused';
  readonly differences: readonly MappingDifference[];
  /** Connections that it names and that do not exist here. */
  readonly missingConnections: readonly string[];
  readonly problems: readonly MappingProblem[];
}

export interface ImportResult {
  readonly dryRun: boolean;
  readonly mappings: readonly ImportedMapping[];
  /** Mappings that have a draft now because of it. */
  readonly drafts: readonly string[];
}

interface Read extends ImportedMapping {
  readonly text: string;
}

const MOST = 1_000;

/**
 * Takes mappings from another environment: shows what differs from what is in effect here, and makes a draft of each that
 * does, all of them or none. Nothing comes into effect by it. Throws a ValidationError with `details.problems` for a
 * text that does not fit, and StaleError where somebody has a draft of one open.
 */
export function importMappings(
  deps: Deps,
  caller: Caller,
  input: { readonly text: string; readonly dryRun: boolean },
): Promise<ImportResult> {
  const texts = documentsOf(input.text);
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const connections = (await listConnections(tx)).filter(isLive);
    const here = new Set(connections.flatMap(({ id, connector }) => [id, connector]));
    const read: Read[] = [];
    for (const [index, text] of texts.entries())
      read.push(await compare(deps, tx, here, { index, text }));
    refuseTwice(read);
    const shown = read.map(({ text: _text, ...mapping }) => mapping);
    if (input.dryRun) return { dryRun: true, mappings: shown, drafts: [] };
    refuseUnfit(read);
    const drafts: string[] = [];
    for (const { id, state, text } of read) {
      if (id === null || state === 'same') continue;
      await refuseOpenDraft(tx, id);
      await keepDraft(deps, tx, caller, { id, text, seen: 'none' });
      drafts.push(id);
    }
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'mapping.imported',
      subject: { type: 'mapping', id: drafts.join(' ').slice(0, 400) || 'none' },
      details: { drafts, read: read.length },
    });
    return { dryRun: false, mappings: shown, drafts };
  });
}

/** The documents of a YAML text of several. A line of three dashes parts them. */
function documentsOf(text: string): readonly string[] {
  const texts = text
    .split(/^---[ \t]*\r?$/m)
    .map((part) => part.replace(/^\r?\n/, ''))
    .filter((part) => part.split('\n').some((line) => line.trim() !== '' && !/^\s*#/.test(line)));
  if (texts.length === 0) throw new ValidationError('The text holds no mapping.');
  if (texts.length <= MOST) return texts;
  throw new ValidationError(`The text holds ${texts.length} mappings; at most ${MOST} are taken.`);
}

async function compare(
  { mappings }: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  here: ReadonlySet<string>,
  { index, text }: { readonly index: number; readonly text: string },
): Promise<Read> {
  const checked = validateMapping(text, `document ${index + 1}`, mappings);
  if (!checked.ok) {
    const nothing = { differences: [], missingConnections: [] };
    return { index, id: null, state: 'refused', problems: checked.problems, text, ...nothing };
  }
  const { document } = checked.mapping;
  const live = await liveVersion(tx, mappings, document.id);
  const differences = semanticDiff(live?.document ?? null, document);
  return {
    index,
    id: document.id,
    state: live === null ? 'new' : differences.length === 0 ? 'same' : 'changed',
    differences,
    missingConnections: connectionsOf(document).filter((name) => !here.has(name)),
    problems: [],
    text,
  };
}

function connectionsOf({ source, target }: MappingDocument): readonly string[] {
  return [source.connection, target.connection].filter(
    (name) => name !== undefined && name !== 'trueup',
  ) as readonly string[];
}

function refuseTwice(read: readonly Read[]): void {
  const ids = read.map(({ id }) => id);
  const twice = read.find(({ id }, index) => id !== null && ids.indexOf(id) !== index);
  if (twice === undefined) return;
  throw new ValidationError(`The text holds the mapping "${twice.id}" twice.`);
}

function refuseUnfit(read: readonly Read[]): void {
  const problems = read.flatMap(({ index, problems: found }) =>
    found.map((problem) => ({ ...problem, pointer: `/${index}${problem.pointer}` })),
  );
  if (problems.length === 0) return;
  throw new ValidationError('A mapping of the text does not fit, so none was imported.', {
    details: { problems },
  });
}

async function refuseOpenDraft(tx: TenantTx, id: string): Promise<void> {
  const draft = await findDraft(tx, id);
  if (draft === null) return;
  throw new StaleError(
    `${draft.updatedBy} has a draft of "${id}" open, so nothing was imported. Publish or discard it first.`,
  );
}
