import { isAlias, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, YAMLMap } from 'yaml';
import { messageOf } from '../../kernel/errors.ts';
import type { FoundProblem, PointerPath } from './mapping-problem.ts';

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
 * aliases and anchors, tags, double keys, several documents, deep nesting, more than 256 KiB.
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
  if (error !== undefined) {
    const code = error.code === 'TAG_RESOLVE_FAILED' ? 'tag' : 'not_yaml';
    return refused(code, error.message, lines.linePos(error.pos[0]).line);
  }
  const bad = findRefused(document);
  return bad === null ? null : refused(bad.code, bad.message, lines.linePos(bad.at).line);
}

interface RefusedNode {
  readonly code: string;
  readonly message: string;
  readonly at: number;
}

function findRefused(document: Document.Parsed): RefusedNode | null {
  const found: RefusedNode[] = [];
  visit(document, {
    Node: (_key, node) => {
      const refusal = refusalOf(node);
      if (refusal === null) return undefined;
      found.push({ ...refusal, at: node.range?.[0] ?? 0 });
      return visit.BREAK;
    },
  });
  return found[0] ?? null;
}

function refusalOf(node: unknown): Omit<RefusedNode, 'at'> | null {
  const aliased = isAlias(node) || (isNode(node) && 'anchor' in node && node.anchor !== undefined);
  if (aliased)
    return { code: 'alias', message: 'Anchors (&…) and aliases (*…) are not used in mappings.' };
  const tag = isNode(node) && 'tag' in node ? node.tag : undefined;
  if (typeof tag === 'string' && !tag.startsWith('tag:yaml.org,2002:')) {
    return { code: 'tag', message: 'Tags (!…) are not used in mappings.' };
  }
  const doubled = isMap(node) ? doubledKey(node) : null;
  return doubled === null
    ? null
    : { code: 'duplicate_key', message: `The key "${doubled}" is given twice.` };
}

/** The library's own check compares every key with every other. */
function doubledKey({ items }: YAMLMap): string | null {
  const seen = new Set<unknown>();
  for (const { key } of items) {
    const name = isScalar(key) ? key.value : key;
    if (seen.has(name)) return String(name);
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

function refused(code: string, message: string, line: number): ReadYaml {
  return { ok: false, line, problem: { row: null, pointer: '', code, message } };
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
