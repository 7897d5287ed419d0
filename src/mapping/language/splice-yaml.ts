import { isMap, isScalar, isSeq, stringify, type Node, type Pair, type YAMLMap } from 'yaml';
import { canonicalJson, type Json } from '../../kernel/hash.ts';
import { isObject } from './mapping-edit.ts';

/** A piece of text to put in the place of another, by offsets. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

type AnyPair = Pair<unknown, unknown>;

/**
 * The splices that give a key of a map another value, or take it out (`undefined`). Only the text of what differs is
 * touched: comments, blank lines and spelling of everything else stay as they are. Maps are changed key by key.
 */
export function splicesOf(
  text: string,
  map: YAMLMap,
  key: string,
  value: Json | undefined,
): readonly Splice[] {
  const at = map.items.findIndex((item) => keyOf(item) === key);
  const pair = map.items[at];
  if (pair === undefined) return value === undefined ? [] : [added(text, map, key, value)];
  if (value === undefined) return [removed(text, map, at)];
  return replaced(text, map, pair, value);
}

function keyOf({ key }: AnyPair): unknown {
  return isScalar(key) ? key.value : key;
}

function replaced(text: string, holder: YAMLMap, pair: AnyPair, value: Json): readonly Splice[] {
  const node = pair.value as Node | null;
  if (isMap(node) && isObject(value) && node.items.some((item) => keepsKey(item, value)))
    return mapSplices(text, node, value);
  const [keyStart = 0, keyEnd = 0] = (pair.key as Node).range ?? [];
  const old = node === null ? null : (node.toJSON() as Json);
  if (node !== null && canonicalJson(old) === canonicalJson(value)) return [];
  const isBlock = node !== null && (isMap(node) || isSeq(node)) && node.flow !== true;
  const colon = text.indexOf(':', keyEnd);
  const from = isBlock || node === null ? colon + 1 : (node.range?.[0] ?? colon + 1);
  const to = node === null ? from : endOf(node);
  const lead = text[from - 1] === ':' ? ' ' : '';
  // A block scalar ends with its line.
  const tail = to > from && text[to - 1] === '\n' ? lineBreakOf(text) : '';
  const written = rendered(value, holder.flow === true, columnOf(text, keyStart), text);
  return [{ from, to, text: `${lead}${written}${tail}` }];
}

function keepsKey(item: AnyPair, value: { readonly [key: string]: Json }): boolean {
  return Object.hasOwn(value, String(keyOf(item)));
}

/** The rows of a map, one by one. Several removals meet in one map, so they are made by whoever calls again. */
function mapSplices(
  text: string,
  map: YAMLMap,
  value: { readonly [key: string]: Json },
): readonly Splice[] {
  const names = map.items.map((item) => String(keyOf(item)));
  const gone = names.find((name) => !Object.hasOwn(value, name));
  if (gone !== undefined) return splicesOf(text, map, gone, undefined);
  for (const [name, inner] of Object.entries(value)) {
    const splices = splicesOf(text, map, name, inner);
    if (splices.length > 0) return splices;
  }
  return [];
}

function added(text: string, map: YAMLMap, key: string, value: Json): Splice {
  const last = map.items.at(-1);
  if (map.flow === true || last === undefined) {
    const from = last === undefined ? (map.range?.[0] ?? 0) + 1 : endOfPair(last);
    const pair = rendered({ [key]: value }, true, 0, text)
      .slice(1, -1)
      .trim();
    if (last === undefined) return { from, to: from, text: ` ${pair} ` };
    return { from, to: from, text: `,${spaceBefore(text, map, last)}${pair}` };
  }
  const first = (map.items[0]?.key as Node | undefined)?.range?.[0] ?? 0;
  const column = columnOf(text, first);
  const name = rendered({ [key]: null }, true, 0, text)
    .slice(1, -1)
    .trim()
    .replace(/:\s*null$/, '');
  const line = `${' '.repeat(column)}${name}: ${rendered(value, false, column, text)}`;
  const end = endOfPair(last);
  if (text[end - 1] === '\n') return { from: end, to: end, text: `${line}${lineBreakOf(text)}` };
  const from = lineEnd(text, end);
  return { from, to: from, text: `${lineBreakOf(text)}${line}` };
}

/** In brackets of several lines each key has its own. */
function spaceBefore(text: string, map: YAMLMap, last: AnyPair): string {
  const start = (last.key as Node).range?.[0] ?? 0;
  const isLine = text.slice(start - columnOf(text, start), start).trim() === '';
  if (!isLine || columnOf(text, map.range?.[0] ?? 0) === columnOf(text, start)) return ' ';
  return `${lineBreakOf(text)}${' '.repeat(columnOf(text, start))}`;
}

function removed(text: string, map: YAMLMap, at: number): Splice {
  const pair = map.items[at] as AnyPair;
  const start = (pair.key as Node).range?.[0] ?? 0;
  const end = endOfPair(pair);
  if (map.flow !== true) {
    if (map.items.length === 1) {
      return {
        from: start,
        to: end,
        text: text[end - 1] === '\n' ? `{}${lineBreakOf(text)}` : '{}',
      };
    }
    const from = start - columnOf(text, start);
    return { from, to: text[end - 1] === '\n' ? end : afterLine(text, end), text: '' };
  }
  const before = map.items[at - 1];
  const after = map.items[at + 1];
  if (before !== undefined) return { from: endOfPair(before), to: end, text: '' };
  const next = (after?.key as Node | undefined)?.range?.[0];
  const comma = /^\s*,/.exec(text.slice(end))?.[0].length ?? 0;
  return { from: start, to: next ?? end + comma, text: '' };
}

function endOfPair({ key, value }: AnyPair): number {
  const node = value as Node | null;
  if (node === null) return (key as Node).range?.[1] ?? 0;
  return endOf(node);
}

/** Where the text of a node ends, without the comments and blank lines behind it. */
function endOf(node: Node): number {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    if (last !== undefined) return endOfPair(last);
  }
  if (isSeq(node) && node.flow !== true) {
    const last = node.items.at(-1) as Node | undefined;
    if (last !== undefined) return endOf(last);
  }
  return node.range?.[1] ?? 0;
}

const WIDTH = 100;

/** One line where it fits or where the surroundings are in brackets, else indented lines of their own. */
function rendered(value: Json, inFlow: boolean, column: number, text: string): string {
  const flow = oneLine(value, inFlow);
  const isCollection = typeof value === 'object' && value !== null;
  const isShort = flow.length + column < WIDTH || Object.keys(value ?? {}).length === 0;
  if (!isCollection || inFlow || isShort) return flow;
  const pad = ' '.repeat(column + 2);
  const block = stringify(value, { lineWidth: 0 }).trimEnd().split('\n');
  const lineBreak = lineBreakOf(text);
  return block.map((line) => (line === '' ? lineBreak : `${lineBreak}${pad}${line}`)).join('');
}

/** Text of several lines is written as JSON does, with `\n`. Within brackets a text may need quotes that it needs nowhere else. */
function oneLine(value: Json, inFlow: boolean): string {
  const options = { collectionStyle: 'flow', lineWidth: 0 } as const;
  const isText = inFlow && typeof value === 'string';
  const written = stringify(isText ? [value] : value, options).trimEnd();
  if (written.includes('\n')) return JSON.stringify(value);
  return isText ? written.slice(1, -1).trim() : written;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

function lineBreakOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** The end of the line that the offset is in, before its line break. */
function lineEnd(text: string, offset: number): number {
  const at = text.indexOf('\n', offset);
  if (at === -1) return text.length;
  return text[at - 1] === '\r' && at - 1 >= offset ? at - 1 : at;
}

function afterLine(text: string, offset: number): number {
  const at = text.indexOf('\n', offset);
  return at === -1 ? text.length : at + 1;
}
