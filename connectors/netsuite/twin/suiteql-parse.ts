/** A SuiteQL expression. Conditions are expressions too. */
export type Expression =
  | { readonly kind: 'literal'; readonly type: 'text' | 'number' | 'null'; readonly value: string }
  | { readonly kind: 'column'; readonly source: string | null; readonly name: string }
  | { readonly kind: 'star' }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'compare'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'in'; readonly left: Expression; readonly list: readonly Expression[]; readonly not: boolean }
  | { readonly kind: 'null'; readonly left: Expression; readonly not: boolean }
  | { readonly kind: 'like'; readonly left: Expression; readonly pattern: Expression; readonly not: boolean }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'not'; readonly part: Expression }; // prettier-ignore

export interface SourceTable {
  readonly table: string;
  readonly alias: string;
}

export interface Join extends SourceTable {
  readonly left: boolean;
  readonly on: Expression;
}

export interface Select {
  readonly distinct: boolean;
  readonly items: readonly { readonly expression: Expression; readonly alias: string | null }[];
  readonly from: SourceTable;
  readonly joins: readonly Join[];
  readonly where: Expression | null;
  readonly groupBy: readonly Expression[];
  readonly orderBy: readonly { readonly expression: Expression; readonly descending: boolean }[];
}

/** The query text cannot be read. The message is the vendor's. */
export class QueryError extends Error {}

interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'mark' | 'end';
  readonly text: string;
}

const TOKEN = /\s*(?:--[^\n]*\n?\s*)*(?:('(?:[^']|'')*')|(\d+(?:\.\d+)?|\.\d+)|([A-Za-z_][\w$#]*|"[^"]+")|(<>|!=|<=|>=|\|\||[(),.*=<>+-]))/y; // prettier-ignore
const RESERVED = new Set(['from', 'where', 'group', 'order', 'inner', 'left', 'right', 'full', 'outer', 'join', 'on', 'and', 'or', 'not', 'in', 'is', 'null', 'like', 'as', 'asc', 'desc', 'between', 'union', 'having', 'fetch']); // prettier-ignore

function tokens(sql: string): readonly Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  let at = 0;
  while (sql.slice(at).trim() !== '') {
    const match = TOKEN.exec(sql);
    if (match === null)
      throw new QueryError(
        `Invalid or unsupported search. Unexpected character at position ${at + 1}.`,
      );
    const [, text, number, word, mark] = match;
    if (text !== undefined)
      found.push({ kind: 'text', text: text.slice(1, -1).replaceAll("''", "'") });
    else if (number !== undefined) found.push({ kind: 'number', text: number });
    else if (word !== undefined)
      found.push({ kind: 'word', text: word.replaceAll('"', '').toLowerCase() });
    else found.push({ kind: 'mark', text: mark ?? '' });
    at = TOKEN.lastIndex;
  }
  return [...found, { kind: 'end', text: 'end of the query' }];
}

/** A cursor over the tokens, with the few moves that the grammar needs. */
function cursor(all: readonly Token[]) {
  let at = 0;
  const peek = (ahead = 0): Token =>
    all[Math.min(at + ahead, all.length - 1)] ?? { kind: 'end', text: '' };
  const is = (text: string, ahead = 0): boolean => {
    const token = peek(ahead);
    return (token.kind === 'word' || token.kind === 'mark') && token.text === text;
  };
  const take = (): Token => {
    const token = peek();
    at += 1;
    return token;
  };
  const accept = (...words: readonly string[]): boolean => {
    if (!words.every((word, ahead) => is(word, ahead))) return false;
    at += words.length;
    return true;
  };
  const expect = (text: string): void => {
    if (!accept(text))
      throw new QueryError(
        `Invalid or unsupported search. Expected ${text.toUpperCase()} but found "${peek().text}".`,
      );
  };
  const name = (): string => {
    const token = take();
    if (token.kind !== 'word' || RESERVED.has(token.text))
      throw new QueryError(`Invalid or unsupported search. Unexpected "${token.text}".`);
    return token.text;
  };
  return { peek, is, take, accept, expect, name };
}

type Cursor = ReturnType<typeof cursor>;

function list<T>(at: Cursor, one: () => T): readonly T[] {
  const all = [one()];
  while (at.accept(',')) all.push(one());
  return all;
}

function named(at: Cursor): Expression {
  const first = at.name();
  const second = at.accept('.') ? (at.accept('*') ? '*' : at.name()) : null;
  if (second === '*') return { kind: 'star' };
  if (!at.accept('('))
    return second === null
      ? { kind: 'column', source: null, name: first }
      : { kind: 'column', source: first, name: second };
  const name = second === null ? first : `${first}.${second}`;
  const args = at.is(')')
    ? []
    : list(at, () => (at.accept('*') ? ({ kind: 'star' } as const) : or(at)));
  at.expect(')');
  return { kind: 'call', name, args };
}

function primary(at: Cursor): Expression {
  const token = at.peek();
  if (at.accept('(')) {
    const inner = or(at);
    at.expect(')');
    return inner;
  }
  if (at.accept('null')) return { kind: 'literal', type: 'null', value: '' };
  if (token.kind === 'text' || token.kind === 'number')
    return {
      kind: 'literal',
      type: at.take().kind === 'text' ? 'text' : 'number',
      value: token.text,
    };
  if (at.accept('-')) return { kind: 'literal', type: 'number', value: `-${at.take().text}` };
  return named(at);
}

function predicate(at: Cursor): Expression {
  const left = primary(at);
  const operator = ['=', '<>', '!=', '<=', '>=', '<', '>'].find((mark) => at.accept(mark));
  if (operator !== undefined)
    return {
      kind: 'compare',
      operator: operator === '!=' ? '<>' : operator,
      left,
      right: primary(at),
    };
  if (at.accept('is')) {
    const not = at.accept('not');
    at.expect('null');
    return { kind: 'null', left, not };
  }
  const not = at.accept('not');
  if (at.accept('in')) {
    at.expect('(');
    const values = list(at, () => primary(at));
    at.expect(')');
    if (values.length > 1000)
      throw new QueryError('Invalid or unsupported search. A list holds 1000 expressions at most.');
    return { kind: 'in', left, list: values, not };
  }
  if (at.accept('like')) return { kind: 'like', left, pattern: primary(at), not };
  if (not) throw new QueryError('Invalid or unsupported search. Expected IN or LIKE after NOT.');
  return left;
}

function negation(at: Cursor): Expression {
  return at.accept('not') ? { kind: 'not', part: negation(at) } : predicate(at);
}

function and(at: Cursor): Expression {
  const parts = [negation(at)];
  while (at.accept('and')) parts.push(negation(at));
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'and', parts };
}

function or(at: Cursor): Expression {
  const parts = [and(at)];
  while (at.accept('or')) parts.push(and(at));
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'or', parts };
}

function aliasOf(at: Cursor): string | null {
  if (at.accept('as')) return at.name();
  const token = at.peek();
  return token.kind === 'word' && !RESERVED.has(token.text) ? at.name() : null;
}

function source(at: Cursor): SourceTable {
  const table = at.name();
  return { table, alias: aliasOf(at) ?? table };
}

function joins(at: Cursor): readonly Join[] {
  const found: Join[] = [];
  for (;;) {
    const left = at.accept('left', 'outer', 'join') || at.accept('left', 'join');
    if (!left && !at.accept('inner', 'join') && !at.accept('join')) return found;
    const joined = source(at);
    at.expect('on');
    found.push({ ...joined, left, on: or(at) });
  }
}

/**
 * Parses one SuiteQL SELECT: columns with aliases, joins, WHERE, GROUP BY, ORDER BY. There is no LIMIT, as at
 * the vendor, which pages by parameters of the request. Throws QueryError.
 */
export function parseSuiteql(sql: string): Select {
  const at = cursor(tokens(sql));
  at.expect('select');
  const distinct = at.accept('distinct');
  const items = list(at, () => ({
    expression: at.accept('*') ? ({ kind: 'star' } as const) : or(at),
    alias: aliasOf(at),
  }));
  at.expect('from');
  const from = source(at);
  const joined = joins(at);
  const where = at.accept('where') ? or(at) : null;
  const groupBy = at.accept('group', 'by') ? list(at, () => primary(at)) : [];
  const orderBy = at.accept('order', 'by')
    ? list(at, () => ({
        expression: primary(at),
        descending: at.accept('desc') || (at.accept('asc') && false),
      }))
    : [];
  if (at.peek().kind !== 'end')
    throw new QueryError(`Invalid or unsupported search. Unexpected "${at.peek().text}".`);
  return { distinct, items, from, joins: joined, where, groupBy, orderBy };
}
