import { isCollection, isMap, isNode, parseDocument, type Document, type Node } from 'yaml';
import { ValidationError } from '../../kernel/errors.ts';
import { canonicalJson, type Json } from '../../kernel/hash.ts';
import { editedValue, isObject, placeOf, type MappingEdit } from './mapping-edit.ts';
import { pointerOf, rowOf } from './mapping-problem.ts';
import { readYaml } from './read-yaml.ts';
import { splicesOf, type Splice } from './splice-yaml.ts';

/**
 * Characters that are read while the edits of one call are spliced in, as each is read anew: about a second of them.
 * What is left then is written by the library, all at once.
 */
const MOST_READ = 400_000;

/**
 * The text of a mapping file after some edits. Only the lines of what is edited change; comments, order and spelling of
 * everything else stay byte for byte. A file that is JSON stays JSON. Whether the result fits is for `parseMapping` to
 * say. Throws a ValidationError with `details.problems` for a text that cannot be read.
 */
export function editMappingText(text: string, edits: readonly MappingEdit[]): string {
  const json = indentOfJson(text);
  if (json !== null) return writtenAsJson(text, edits, json);
  let result = text;
  let left = MOST_READ;
  for (const [at, edit] of edits.entries()) {
    if (left <= 0) return rewritten(result, edits.slice(at));
    const edited = editOnce(result, edit, left);
    result = edited.text;
    left -= edited.read;
  }
  return result;
}

interface Edited {
  readonly text: string;
  /** How many characters were read for it. */
  readonly read: number;
}

function editOnce(text: string, edit: MappingEdit, most: number): Edited {
  const before = valueOf(text);
  const wanted = editedValue(before, edit);
  if (isSame(before, wanted)) return { text, read: text.length };
  const spliced = spliceAll(text, edit, most);
  return isSame(read(spliced.text), wanted)
    ? spliced
    : { text: rewritten(text, [edit]), read: spliced.read };
}

function writtenAsJson(text: string, edits: readonly MappingEdit[], indent: number): string {
  const before = valueOf(text);
  const wanted = edits.reduce(editedValue, before);
  if (isSame(before, wanted)) return text;
  const written = `${JSON.stringify(wanted, null, indent)}${text.endsWith('\n') ? '\n' : ''}`;
  if (isSame(read(written), wanted)) return written;
  throw cannotHold(edits);
}

/** The YAML library's own writer: keeps comments, but not every space. For spellings that splicing does not know. */
function rewritten(text: string, edits: readonly MappingEdit[]): string {
  const wanted = edits.reduce(editedValue, valueOf(text));
  const document = parse(text);
  for (const edit of edits) {
    const place = placeOf(edit);
    const holder =
      place.length === 1 ? document.contents : document.getIn(place.slice(0, -1), true);
    if (holder !== undefined && !isMap(holder)) throw cannotHold([edit]);
    if (edit.op === 'remove') document.deleteIn(place);
    else
      document.setIn(
        place,
        inPlaceOf(document.getIn(place, true), document.createNode(edit.value)),
      );
  }
  const result = document.toString({ lineWidth: 0 });
  if (isSame(read(result), wanted)) return result;
  throw cannotHold(edits);
}

/** A new value with the comments of the one before it, in brackets where that was. */
function inPlaceOf(before: unknown, node: Node): Node {
  if (!isNode(before)) return node;
  if (before.comment) node.comment = before.comment;
  if (before.commentBefore) node.commentBefore = before.commentBefore;
  if (isCollection(before) && isCollection(node) && before.flow === true) node.flow = true;
  return node;
}

/** What no text of a mapping may hold: a NUL character, a key `__proto__`, a row within what is no map. */
function cannotHold(edits: readonly MappingEdit[]): ValidationError {
  const message = 'A mapping file cannot hold this edit. Edit the text itself.';
  const problems = edits.map((edit) => ({
    row: rowOf(placeOf(edit)),
    pointer: pointerOf(placeOf(edit)),
    code: 'cannot_edit',
    message,
    hint: null,
    line: null,
  }));
  return new ValidationError(message, { details: { problems } });
}

function spliceAll(text: string, edit: MappingEdit, most: number): Edited {
  const place = placeOf(edit);
  const value = edit.op === 'set' ? edit.value : undefined;
  let result = text;
  let used = 0;
  while (used < most) {
    used += result.length;
    const splices = nextSplices(result, place, value);
    if (splices.length === 0) break;
    result = applied(result, splices);
    // What the splices made is read again; one that does not settle is left to the library.
    if (read(result) === undefined) break;
  }
  return { text: result, read: used };
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
