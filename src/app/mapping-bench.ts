import type { TenantTx } from '../db/store.ts';
import { isLive, listConnections, type Connection } from '../intake/connections.ts';
import { InternalError, NotFoundError, ValidationError } from '../kernel/errors.ts';
import type { CompiledPlan } from '../mapping/builtin.ts';
import { findDraft } from '../mapping/drafts.ts';
import { directionOf, isProblem, type Direction } from '../mapping/language/direction.ts';
import type { MappingDocument } from '../mapping/language/mapping-document.ts';
import type { MappingProblem } from '../mapping/language/mapping-problem.ts';
import { parseMapping, type Mapping } from '../mapping/language/parse-mapping.ts';
import { readSketch } from '../mapping/sketch.ts';
import { editMappingText } from '../mapping/language/edit-mapping-text.ts';
import type { MappingEdit } from '../mapping/language/mapping-edit.ts';
import { liveVersion } from '../mapping/versions.ts';
import type { Deps } from './deps.ts';

/** Which mapping is tried, and against which of the systems that it fits. */
export interface BenchInput {
  readonly id: string;
  /** The text in somebody's editor; without it the saved draft, and without one what is in effect. */
  readonly text?: string | undefined;
  /** Changes on top of that text which nobody has saved. */
  readonly edits?: readonly MappingEdit[] | undefined;
  /** The connection by name; without it the first that the mapping is for. */
  readonly connection?: string | undefined;
}

/** One version of a mapping, ready to run. */
export interface BenchSide {
  readonly mapping: Mapping;
  readonly plan: CompiledPlan;
}

/** A draft beside what is in effect. Nothing that happens here is written anywhere. */
export interface MappingBench {
  readonly id: string;
  readonly direction: Direction;
  readonly connection: Connection;
  readonly draft: BenchSide;
  /** Null where nothing is in effect, or what is reads or writes another object. */
  readonly live: BenchSide | null;
  /** True where the draft is a text or a saved draft, and not what is in effect itself. */
  readonly hasDraft: boolean;
}

/**
 * Sets up a mapping to be tried. Throws a ValidationError with `details.problems` for a text that does not fit, and
 * NotFoundError for a mapping that nobody knows or that no connection fits.
 */
export async function openBench(
  deps: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  input: BenchInput,
): Promise<MappingBench> {
  const live = await liveVersion(tx, deps.mappings, input.id);
  const text = editedText(input, (await findDraft(tx, input.id))?.text, live?.text);
  const inEffect: Mapping | null =
    live === null ? null : { document: live.document, hash: live.hash, origin: live.origin };
  const draft = text === undefined ? inEffect : parseText(deps, input.id, text);
  if (draft === null) {
    throw new NotFoundError(
      `There is no mapping "${input.id}". \`trueup mappings list\` shows those there are.`,
    );
  }
  const bench = await benchOf(deps, tx, { draft, live: inEffect }, input.connection);
  return { ...bench, hasDraft: text !== undefined };
}

/** Sets up two contents of a mapping, such as one that is submitted and what is in effect. Throws NotFoundError. */
export async function benchOf(
  deps: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  { draft, live }: { readonly draft: Mapping; readonly live: Mapping | null },
  connection?: string,
): Promise<MappingBench> {
  const direction = requireDirection(draft.document);
  const isSame = live !== null && sameVendorSide(direction, requireDirection(live.document));
  return {
    id: draft.document.id,
    direction,
    connection: await connectionFor(tx, draft.document, direction.connection, connection),
    draft: sideOf(deps, draft),
    live: isSame ? sideOf(deps, live) : null,
    hasDraft: true,
  };
}

/** A mapping that may still lack rows: enough to suggest them, not to run. */
export interface MappingSketch {
  readonly id: string;
  readonly document: MappingDocument;
  readonly direction: Direction;
  readonly connection: Connection;
}

/**
 * Like {@link openBench} for a text that may still lack rows. Throws a ValidationError with `details.problems` for one
 * with which something else is wrong, and NotFoundError.
 */
export async function openSketch(
  deps: Pick<Deps, 'mappings'>,
  tx: TenantTx,
  input: BenchInput,
): Promise<MappingSketch> {
  const text = editedText(input);
  if (text === undefined) {
    const { id, draft, direction, connection } = await openBench(deps, tx, input);
    return { id, document: draft.mapping.document, direction, connection };
  }
  const sketch = readSketch(text, deps.mappings);
  if (!sketch.ok) throw misfit(sketch.problems);
  const { document } = sketch;
  requireId(document, input.id);
  const direction = requireDirection(document);
  const connection = await connectionFor(tx, document, direction.connection, input.connection);
  return { id: input.id, document, direction, connection };
}

/** The text that is tried; undefined for what is in effect as it is. */
function editedText(
  { text, edits = [] }: BenchInput,
  saved?: string,
  live?: string,
): string | undefined {
  const written = text ?? saved;
  if (edits.length === 0) return written;
  const base = written ?? live;
  return base === undefined ? undefined : editMappingText(base, edits);
}

function sideOf(deps: Pick<Deps, 'mappings'>, mapping: Mapping): BenchSide {
  return { mapping, plan: deps.mappings.plan(mapping) };
}

/** Checks a text as saving it would. */
function parseText(deps: Pick<Deps, 'mappings'>, id: string, text: string): Mapping {
  const findShipped = (of: string): MappingDocument | null =>
    deps.mappings.find(of)?.document ?? null;
  const parsed = parseMapping(text, 'draft', deps.mappings.steps, findShipped);
  if (!parsed.ok) throw misfit(parsed.problems);
  requireId(parsed.mapping.document, id);
  return parsed.mapping;
}

function misfit(problems: readonly MappingProblem[]): ValidationError {
  return new ValidationError('The mapping does not fit, so it was not tried.', {
    details: { problems },
  });
}

function requireId(document: MappingDocument, id: string): void {
  if (document.id === id) return;
  throw new ValidationError(
    `The text has the id "${document.id}", and this is the mapping "${id}".`,
  );
}

function requireDirection(document: MappingDocument): Direction {
  const direction = directionOf(document);
  if (!isProblem(direction)) return direction;
  throw new InternalError(`The mapping ${document.id} was not checked.`);
}

function sameVendorSide(draft: Direction, live: Direction): boolean {
  if (draft.kind === 'inbound' && live.kind === 'inbound') return draft.stream === live.stream;
  return draft.kind === 'outbound' && live.kind === 'outbound' && draft.object === live.object;
}

async function connectionFor(
  tx: TenantTx,
  document: MappingDocument,
  system: string,
  named: string | undefined,
): Promise<Connection> {
  const fitting = (await listConnections(tx)).filter(
    (each) => isLive(each) && (each.id === system || each.connector === system),
  );
  const chosen =
    named === undefined
      ? (fitting.find(({ id }) => id === system) ?? fitting[0])
      : fitting.find(({ id }) => id === named);
  if (chosen !== undefined) return chosen;
  const names = fitting.map(({ id }) => id).join(', ');
  throw new NotFoundError(
    named === undefined
      ? `The mapping "${document.id}" is for ${system}, and there is no such connection. Add one.`
      : `The mapping "${document.id}" is for ${system}; "${named}" is no connection of it.${names === '' ? '' : ` There is: ${names}.`}`,
  );
}
