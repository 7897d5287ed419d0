import { stringify } from 'yaml';
import { ValidationError } from '../kernel/errors.ts';
import { editMappingText } from './language/edit-mapping-text.ts';
import { directionOf, isProblem } from './language/direction.ts';
import type { MappingDocument } from './language/mapping-document.ts';
import { readYaml } from './language/read-yaml.ts';
import { textUnder, type MappingVersion } from './versions.ts';

/** What a mapping that begins with the rows of another has of its own. */
export interface FromTemplate {
  readonly id: string;
  readonly title?: string | undefined;
  /** The connection, or the connector, whose records it is about; the template's when absent. */
  readonly connection?: string | undefined;
  /** The object of that system; the template's when absent. */
  readonly object?: string | undefined;
}

/**
 * The text of a new mapping with the rows, the tests and the comments of one that is in effect. `systemOf` says which
 * connector a connection is of, so that a connection by name is not taken for another system than its connector. Throws a
 * ValidationError where both would be about the same records: then the template itself is what to edit.
 */
export function textFromTemplate(
  template: MappingVersion,
  wanted: FromTemplate,
  systemOf: (name: string) => string,
): string {
  const { document } = template;
  const direction = directionOf(document);
  const isInbound = isProblem(direction) || direction.kind === 'inbound';
  const side = isInbound ? 'source' : 'target';
  const { connection = '', object } = { ...document[side], ...given(wanted) };
  const own = { connection, object };
  if (isSameRecords(document, own, { isInbound, systemOf }))
    throw new ValidationError(
      `"${wanted.id}" would be about the same records as "${template.mappingId}". Name another object or connection, or edit "${template.mappingId}" itself.`,
      { details: { problems: [sameRecords(side, template.mappingId)] } },
    );
  return editMappingText(renamed(template, wanted.id), [
    { op: 'set', key: side, value: own },
    { op: 'set', key: 'title', value: wanted.title ?? `${document.title ?? document.id}, our own` },
  ]);
}

function given({ connection, object }: FromTemplate): Readonly<Record<string, string>> {
  return {
    ...(connection === undefined ? {} : { connection }),
    ...(object === undefined ? {} : { object }),
  };
}

/**
 * Of what comes in, every mapping of an object is applied, so the same object of the same connector is the same. Of what
 * goes out, the one for the connection by name goes before the one for the connector.
 */
function isSameRecords(
  document: MappingDocument,
  own: { readonly connection: string; readonly object: string },
  {
    isInbound,
    systemOf,
  }: { readonly isInbound: boolean; readonly systemOf: (name: string) => string },
): boolean {
  const theirs = isInbound ? document.source : document.target;
  if (own.object !== theirs.object) return false;
  const other = theirs.connection ?? '';
  return isInbound ? systemOf(own.connection) === systemOf(other) : own.connection === other;
}

function sameRecords(side: 'source' | 'target', template: string) {
  return {
    row: null,
    pointer: `/${side}`,
    code: 'same_records',
    message: `"${template}" is about these records already.`,
    hint: 'Name another object, or a connection of its own.',
    line: null,
  };
}

/** The content as version 1 of another id; its lines stay as they are where the id stands on a line of its own. */
function renamed(template: MappingVersion, id: string): string {
  const text = textUnder(template, 1);
  const replaced = text.replace(/^id:[^\n]*$/m, () => `id: ${id}`);
  if (idOf(replaced) === id) return replaced;
  const document = { ...template.document, id, version: 1 };
  return stringify(document, { aliasDuplicateObjects: false });
}

function idOf(text: string): unknown {
  const read = readYaml(text);
  const value = read.ok ? read.yaml.value : null;
  return typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
}
