import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';
import type { Document, Node, Pair, YAMLMap } from 'yaml';
import { messageOf } from '../../kernel/errors.ts';
import { pointerOf, rowOf, type FoundProblem, type PointerPath } from './mapping-problem.ts';

/** A mapping file is a page or two; this is a hundred times as much. */
const MAX_CHARACTERS = 256 * 1024;
/** Brackets within brackets: deeper text is an attack on the reader, not a mapping. */
const MAX_DEPTH = 40;

/** A YAML text that was read, with the way from a path back to its line. */
export interface YamlText {
  readonly value: unknown;
  readonly lineOf: (path: PointerPath) => number;
}

export type ReadYaml =
  | { readonly ok: true; readonly yaml: YamlText }
  | { readonly ok: false; readonly problem: FoundProblem; readonly line: number };

/**
 * Reads YAML 1.2 (and so JSON) into plain data. Refuses what a mapping has no use for and an attacker has:
 * aliases and anchors, tags, double keys, `__proto__`, several documents, deep nesting, more than 256 KiB.
 */
export function readYaml(text: string): ReadYaml {
  if (text.length > MAX_CHARACTERS) {
    return refused(
      'too_large',
      `The file has ${text.length} characters; at most ${MAX_CHARACTERS} are read.`,
      1,
    );
  }
  if (nestsTooDeep(text))
    return refused('too_deep', `The file nests deeper than ${MAX_DEPTH} levels.`, 1);
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      uniqueKeys: false,
      stringKeys: true,
      merge: false,
      prettyErrors: false,
      lineCounter: lines,
    });
    const refusal = check(document, lines);
    if (refusal !== null) return refusal;
    const yaml = yamlText(document, lines);
    const holdsNul = JSON.stringify(yaml.value)?.includes('\\u0000') === true;
    return holdsNul
      ? refused('not_yaml', 'The file holds a NUL character.', 1)
      : { ok: true, yaml };
  } catch (error) {
    return refused('not_yaml', messageOf(error), 1);
  }
}

function check(document: Document.Parsed, lines: LineCounter): ReadYaml | null {
  const error = document.errors[0] ?? document.warnings[0];
  const isTag = error?.code === 'TAG_RESOLVE_FAILED';
  if (error !== undefined && !isTag)
    return refused('not_yaml', error.message, lines.linePos(error.pos[0]).line);
  const bad = findRefused(document);
  if (bad !== null) return refused(bad.code, bad.message, lines.linePos(bad.at).line, bad.path);
  return error === undefined
    ? null
    : refused('tag', error.message, lines.linePos(error.pos[0]).line);
}

interface RefusedNode {
  readonly code: string;
  readonly message: string;
  readonly at: number;
  readonly path: PointerPath;
}

function findRefused(document: Document.Parsed): RefusedNode | null {
  const found: RefusedNode[] = [];
  visit(document, {
    Node: (key, node, ancestors) => {
      const refusal = refusalOf(node);
      if (refusal === null) return undefined;
      const { key: name, ...rest } = refusal;
      const path = pathOf(key, node, ancestors);
      const at = node.range?.[0] ?? 0;
      found.push({ ...rest, at, path: name === undefined ? path : [...path, name] });
      return visit.BREAK;
    },
  });
  return found[0] ?? null;
}

/** The way from the root to a node: the keys of the maps and the places in the lists above it. */
function pathOf(
  key: unknown,
  node: Node,
  ancestors: readonly (Document | Node | Pair)[],
): PointerPath {
  const chain = [...ancestors, node];
  return chain.flatMap((each, index): PointerPath => {
    const next = chain[index + 1];
    if (isPair(each)) return [String(isScalar(each.key) ? each.key.value : each.key)];
    if (!isSeq(each) || next === undefined) return [];
    return [next === node && typeof key === 'number' ? key : each.items.indexOf(next)];
  });
}

const CORE_TAG = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

interface Refusal {
  readonly code: string;
  readonly message: string;
  /** The key of the node that is at fault, if it is not the node itself. */
  readonly key?: string;
}

function refusalOf(node: unknown): Refusal | null {
  const aliased = isAlias(node) || (isNode(node) && 'anchor' in node && node.anchor !== undefined);
  if (aliased)
    return { code: 'alias', message: 'Anchors (&…) and aliases (*…) are not used in mappings.' };
  const tag = isNode(node) && 'tag' in node ? node.tag : undefined;
  if (typeof tag === 'string' && !CORE_TAG.test(tag)) {
    return { code: 'tag', message: 'Tags (!…) are not used in mappings.' };
  }
  return isMap(node) ? keyRefusal(node) : null;
}

/** The library's own check compares every key with every other. */
function keyRefusal({ items }: YAMLMap): Refusal | null {
  const seen = new Set<unknown>();
  for (const { key } of items) {
    const name = isScalar(key) ? key.value : key;
    if (name === '__proto__')
      return { code: 'reserved_key', message: 'No key is named "__proto__".', key: name };
    if (seen.has(name)) {
      const message = `The key "${String(name)}" is given twice.`;
      return { code: 'duplicate_key', message, key: String(name) };
    }
    seen.add(name);
  }
  return null;
}

function yamlText(document: Document.Parsed, lines: LineCounter): YamlText {
  return {
    value: document.toJS({ maxAliasCount: 0 }),
    lineOf: (path) => {
      for (let length = path.length; length > 0; length -= 1) {
        const node = document.getIn(path.slice(0, length), true);
        if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
      }
      return 1;
    },
  };
}

function refused(code: string, message: string, line: number, path: PointerPath = []): ReadYaml {
  return {
    ok: false,
    line,
    problem: { row: rowOf(path), pointer: pointerOf(path), code, message },
  };
}

/** Counts open brackets and block dashes; brackets inside quoted text count too, which only makes it stricter. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === 0x5b || character === 0x7b) depth += 1;
    else if ((character === 0x5d || character === 0x7d) && depth > 0) depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return /^[ \t]*(?:[-?] ){41}/m.test(text) || /^ {400}/m.test(text);
}
