import { isMap, parseDocument, type Document } from 'yaml';
import { InternalError, ValidationError } from '../../kernel/errors.ts';
import { canonicalJson, type Json } from '../../kernel/hash.ts';
import { editedValue, isObject, placeOf, type MappingEdit } from './mapping-edit.ts';
import { readYaml } from './read-yaml.ts';
import { splicesOf, type Splice } from './splice-yaml.ts';

/** A mapping has at most a thousand rows with a dozen keys each: one splice a key, and some to spare. */
const MOST_SPLICES = 20_000;

/**
 * The text of a mapping file after some edits. Only the lines of what is edited change; comments, order and spelling of
 * everything else stay byte for byte. A file that is JSON stays JSON. Whether the result fits is for `parseMapping` to
 * say. Throws a ValidationError with `details.problems` for a text that cannot be read.
 */
export function editMappingText(text: string, edits: readonly MappingEdit[]): string {
  return edits.reduce(editOnce, text);
}

function editOnce(text: string, edit: MappingEdit): string {
  const before = valueOf(text);
  const wanted = editedValue(before, edit);
  if (isSame(before, wanted)) return text;
  const json = indentOfJson(text);
  if (json !== null)
    return `${JSON.stringify(wanted, null, json)}${text.endsWith('\n') ? '\n' : ''}`;
  const spliced = spliceAll(text, edit);
  return isSame(read(spliced), wanted) ? spliced : rewritten(text, edit, wanted);
}

/** The YAML library's own writer: keeps comments, but not every space. For spellings that splicing does not know. */
function rewritten(text: string, edit: MappingEdit, wanted: Json): string {
  const document = parse(text);
  if (edit.op === 'set') document.setIn(placeOf(edit), document.createNode(edit.value));
  else document.deleteIn(placeOf(edit));
  const result = document.toString({ lineWidth: 0 });
  if (isSame(read(result), wanted)) return result;
  throw new InternalError(
    'An edit of a mapping changed more than it should. Edit the text itself.',
  );
}

function spliceAll(text: string, edit: MappingEdit): string {
  const place = placeOf(edit);
  const value = edit.op === 'set' ? edit.value : undefined;
  let result = text;
  for (let round = 0; round < MOST_SPLICES; round += 1) {
    const splices = nextSplices(result, place, value);
    if (splices.length === 0) return result;
    result = applied(result, splices);
    // What the splices made is read again; one that does not settle is left to the library.
    if (read(result) === undefined) return result;
  }
  return result;
}

function nextSplices(
  text: string,
  [first = '', second]: readonly string[],
  value: Json | undefined,
): readonly Splice[] {
  const { contents } = parse(text);
  if (!isMap(contents)) return [];
  if (second === undefined) return splicesOf(text, contents, first, value);
  const holder = contents.get(first, true);
  if (isMap(holder)) return splicesOf(text, holder, second, value);
  return value === undefined ? [] : splicesOf(text, contents, first, { [second]: value });
}

function applied(text: string, splices: readonly Splice[]): string {
  return splices
    .toSorted((left, right) => right.from - left.from)
    .reduce(
      (result, { from, to, text: by }) => result.slice(0, from) + by + result.slice(to),
      text,
    );
}

function parse(text: string): Document.Parsed {
  return parseDocument(text, { version: '1.2', schema: 'core', stringKeys: true });
}

function valueOf(text: string): Json {
  const result = readYaml(text);
  if (!result.ok) {
    throw new ValidationError('The mapping cannot be read, so it was not edited.', {
      details: { problems: [{ hint: null, ...result.problem, line: result.line }] },
    });
  }
  const value = result.yaml.value as Json;
  return isObject(value) ? value : {};
}

function read(text: string): Json | undefined {
  const result = readYaml(text);
  return result.ok ? (result.yaml.value as Json) : undefined;
}

function isSame(left: Json | undefined, right: Json): boolean {
  return left !== undefined && canonicalJson(left) === canonicalJson(right);
}

/** How a JSON file is indented; null if the text is no JSON. */
function indentOfJson(text: string): number | null {
  if (!text.trimStart().startsWith('{')) return null;
  try {
    JSON.parse(text);
    return /^\{\r?\n( +)/.exec(text.trimStart())?.[1]?.length ?? 0;
  } catch {
    return null;
  }
}
