import { isNounName, NOUNS, type NounName } from '../../canonical/nouns.ts';
import { OUTBOUND_DOCUMENTS } from '../../canonical/outbound/outbound-documents.ts';
import { didYouMean } from './closest-name.ts';
import type { MappingDocument } from './mapping-document.ts';
import { outboundSourceOf } from './target-fields.ts';
import { problemAt, type PlacedProblem } from './zod-problems.ts';

/** Which way a mapping runs, with the names that it binds to. */
export type Direction =
  | {
      readonly kind: 'inbound';
      readonly connection: string;
      readonly stream: string;
      readonly noun: NounName;
    }
  | {
      readonly kind: 'outbound';
      readonly document: string;
      readonly connection: string;
      readonly object: string;
    };

/**
 * Nouns that Trueup alone writes: rights come from orders through commerce, positions and findings from a
 * reconciliation, links from the identity graph (contract §8).
 */
const OURS_ALONE: ReadonlySet<NounName> = new Set([
  'allocationLine',
  'demandLine',
  'entitlement',
  'entitlementPool',
  'entitlementTransaction',
  'evidencePack',
  'finding',
  'identityLink',
  'positionLine',
  'reconciliationCycle',
  'reconciliationRun',
  'remediationTask',
  'renewalTerm',
  'signOff',
]);

/** `source.connection: trueup` may be written out for outbound mappings. */
const OURSELVES = 'trueup';

/** Reads the direction from source and target, or says what is wrong with them. */
export function directionOf({
  source,
  target,
}: Pick<MappingDocument, 'source' | 'target'>): Direction | PlacedProblem {
  const foreign = source.connection !== undefined && source.connection !== OURSELVES;
  if (foreign && target.connection === undefined)
    return inbound(source.connection ?? '', source.object, target.object);
  if (!foreign && target.connection !== undefined)
    return outbound(source.object, target.connection, target.object);
  return problemAt(
    ['target'],
    'bad_direction',
    'A mapping reads one system or writes one system.',
    'Inbound: source { connection, object }, target { object }. Outbound: source { object }, target { connection, object }.',
  );
}

/** True if the result of {@link directionOf} is a problem. */
export function isProblem(value: Direction | PlacedProblem): value is PlacedProblem {
  return 'code' in value;
}

function inbound(connection: string, stream: string, noun: string): Direction | PlacedProblem {
  if (!isNounName(noun)) {
    const hint = didYouMean(noun, Object.keys(NOUNS)) ?? `One of ${Object.keys(NOUNS).join(', ')}.`;
    return problemAt(
      ['target', 'object'],
      'unknown_noun',
      `"${noun}" is not a canonical noun.`,
      hint,
    );
  }
  if (OURS_ALONE.has(noun)) {
    const message = `Trueup itself derives "${noun}"; a mapping gives the facts that it rests on.`;
    return problemAt(
      ['target', 'object'],
      'derived_noun',
      message,
      'For rights, map the order line that carries them.',
    );
  }
  return { kind: 'inbound', connection, stream, noun };
}

function outbound(document: string, connection: string, object: string): Direction | PlacedProblem {
  if (outboundSourceOf(document) !== null)
    return { kind: 'outbound', document, connection, object };
  const known = [...Object.keys(OUTBOUND_DOCUMENTS), ...Object.keys(NOUNS)];
  return problemAt(
    ['source', 'object'],
    'unknown_document',
    `"${document}" is neither a document of commerce nor a canonical noun.`,
    didYouMean(document, known) ?? `One of ${Object.keys(OUTBOUND_DOCUMENTS).join(', ')}.`,
  );
}
