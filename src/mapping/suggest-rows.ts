import type { FieldDescription } from '../sdk/define-connector.ts';
import { assignPairs } from './assign-pairs.ts';
import type { Row } from './language/mapping-document.ts';
import { convert, type Conversion } from './suggest-conversions.ts';
import { scorePair } from './suggest-score.ts';
import type { SourceField } from './suggest-sources.ts';

/** A row that is proposed, and why. Nothing is written until a person takes it. */
export interface RowSuggestion {
  /** The target field. */
  readonly field: string;
  /** What it would read. */
  readonly path: string;
  /** 0 to 1; 0.9 and more is meant to be taken unseen. */
  readonly score: number;
  /** In words: "the same name; the same type". */
  readonly reason: string;
  readonly row: Row;
  /** A lookup table that the row needs and that is not there yet, with what it should hold. */
  readonly lookup: Conversion['lookup'];
}

export interface SuggestInput {
  /** The canonical noun or the vendor's object that rows fill. */
  readonly object: string;
  readonly target: readonly FieldDescription[];
  readonly sources: readonly SourceField[];
  /** Target fields that have a row already: a person wrote it, and it stays. */
  readonly taken: ReadonlySet<string>;
  /** Paths that rows read already; each is offered once. */
  readonly used: ReadonlySet<string>;
  /** Different values that the target's fields hold today, by field. */
  readonly known: Readonly<Record<string, readonly string[]>>;
  /** Which way rows turn values: into canonical fields, or into a vendor's. */
  readonly direction: 'inbound' | 'outbound';
}

/** Below this a proposal costs more looking than it saves typing. */
const LEAST = 0.5;
/** A runner-up this near makes the first one a guess. */
const NEAR = 0.02;
/** What a guess between equals is worth at most. */
const GUESS = 0.85;
/** Candidates of one target that the assignment looks at. */
const CANDIDATES = 8;

interface Candidate {
  readonly source: SourceField;
  readonly score: number;
  readonly reasons: readonly string[];
}

/**
 * Proposes rows for target fields that have none: by name, label, synonyms of this field, type and sample values. Each
 * source is proposed once, so that the sum of the scores is the greatest. Offline and deterministic: the same fields in
 * any order give the same proposals.
 */
export function suggestRows(input: SuggestInput): readonly RowSuggestion[] {
  const open = input.target
    .filter(({ name, readOnly }) => !readOnly && !input.taken.has(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const sources = input.sources
    .filter(({ path }) => !input.used.has(path))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const candidates = open.map((target) => candidatesOf(target, sources, input));
  const columns = [...new Set(candidates.flat().map(({ source }) => source))];
  const at = new Map(columns.map((source, index) => [source, index]));
  const assigned = assignPairs(
    candidates.map((own) => {
      const weights = columns.map(() => 0);
      for (const { source, score } of own) weights[at.get(source) ?? 0] = Math.round(score * 1000);
      return weights;
    }),
  );
  const currency = pathOfCurrency(open, assigned, columns, input);
  return open
    .flatMap((target, index) => {
      const column = assigned[index] ?? null;
      const source = column === null ? undefined : columns[column];
      const own = candidates[index]?.find((each) => each.source === source);
      if (own === undefined) return [];
      return [suggestionOf(target, own, rivalOf(own, candidates, index), currency, input)];
    })
    .toSorted((a, b) => b.score - a.score || (a.field < b.field ? -1 : 1));
}

function candidatesOf(
  target: FieldDescription,
  sources: readonly SourceField[],
  input: SuggestInput,
): readonly Candidate[] {
  const known = input.known[target.name] ?? [];
  return sources
    .map((source) => ({
      source,
      ...scorePair(source, target, { object: input.object, known, direction: input.direction }),
    }))
    .filter(({ score }) => score >= LEAST)
    .toSorted((a, b) => b.score - a.score || (a.source.path < b.source.path ? -1 : 1))
    .slice(0, CANDIDATES);
}

/** What else fits as well: another source for this target, or another target for this source. */
function rivalOf(
  own: Candidate,
  candidates: readonly (readonly Candidate[])[],
  index: number,
): string | null {
  const other = candidates[index]?.find(
    (each) => each.source !== own.source && each.score > own.score - NEAR,
  );
  if (other !== undefined) return `${other.source.path} fits as well`;
  const elsewhere = candidates.some(
    (list, at) =>
      at !== index &&
      list.some((each) => each.source === own.source && each.score > own.score - NEAR),
  );
  return elsewhere ? `${own.source.path} fits another field as well` : null;
}

function suggestionOf(
  target: FieldDescription,
  { source, score, reasons }: Candidate,
  rival: string | null,
  currency: string | null,
  input: SuggestInput,
): RowSuggestion {
  const conversion = convert(source, target, {
    direction: input.direction,
    currency,
    object: input.object,
  });
  const doubt = [
    ...(rival === null ? [] : [rival]),
    ...(conversion.doubt === null ? [] : [conversion.doubt]),
    ...(source.isOutside ? ['it stands outside the items of the loop'] : []),
  ];
  const worth = doubt.length === 0 ? score : Math.min(score, GUESS);
  const isReference = input.direction === 'outbound' && target.type === 'reference';
  const row: Row = {
    from: source.path,
    ...(conversion.steps.length === 0 ? {} : { steps: [...conversion.steps] }),
    ...(conversion.lookup === null ? {} : { lookup: conversion.lookup.table }),
    ...(target.key && input.direction === 'inbound' ? { key: true } : {}),
  };
  return {
    field:
      isReference && !target.name.includes('.') && input.object !== '' && isRecordReference(target)
        ? `${target.name}.id`
        : target.name,
    path: source.path,
    score: Math.round(worth * 100) / 100,
    reason: [...reasons, ...conversion.reasons, ...doubt].join('; '),
    row,
    lookup: conversion.lookup,
  };
}

/** NetSuite's record service takes references as objects; Salesforce names the id field itself (`AccountId`). */
function isRecordReference({ name }: FieldDescription): boolean {
  return !/Id(__c)?$|__c$/.test(name);
}

/** Where the currency of the record's amounts stands: an existing row's path, or the one that is proposed. */
function pathOfCurrency(
  open: readonly FieldDescription[],
  assigned: readonly (number | null)[],
  columns: readonly SourceField[],
  { known }: SuggestInput,
): string | null {
  const index = open.findIndex(({ type, name }) => type === 'currency' && name === 'currency');
  const column = index === -1 ? null : (assigned[index] ?? null);
  if (column !== null) return columns[column]?.path ?? null;
  return known['currency path']?.[0] ?? null;
}
