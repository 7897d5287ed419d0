import { vendorError, VendorRefusal } from './vendor-error.ts';

export type Literal =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null'; readonly value: null }
  | { readonly kind: 'date'; readonly value: string }
  /** Seconds since the epoch: the vendor ignores milliseconds. */
  | { readonly kind: 'datetime'; readonly value: number };

export type CompareOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'compare';
      readonly path: string;
      readonly operator: CompareOperator;
      readonly literal: Literal;
    }
  | {
      readonly kind: 'in';
      readonly path: string;
      readonly negated: boolean;
      readonly literals: readonly Literal[];
    }
  | { readonly kind: 'like'; readonly path: string; readonly pattern: string };

export interface OrderTerm {
  readonly path: string;
  readonly descending: boolean;
}

export const AGGREGATES = ['COUNT', 'MIN', 'MAX'] as const;

/** `MAX(SystemModstamp) newest`: one figure over all rows. */
export interface Aggregate {
  readonly of: (typeof AGGREGATES)[number];
  readonly path: string;
  /** `expr0`, `expr1` … where the query gives no name. */
  readonly alias: string;
}

export interface SoqlQuery {
  /** Empty for `SELECT COUNT()` and for aggregates. */
  readonly fields: readonly string[];
  readonly aggregates: readonly Aggregate[];
  readonly object: string;
  readonly where: Condition | null;
  readonly orderBy: readonly OrderTerm[];
  readonly limit: number | null;
}

const TOKEN =
  /\s*(?:('(?:[^'\\]|\\.)*')|(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}))|(\d{4}-\d{2}-\d{2})|([+-]?\d+(?:\.\d+)?)|([A-Za-z_][\w.]*)|(<=|>=|!=|<>|[=<>(),]))/y;

interface Token {
  readonly text: string;
  readonly literal: Literal | null;
  readonly word: boolean;
}

function malformed(message: string): VendorRefusal {
  return new VendorRefusal(400, vendorError('MALFORMED_QUERY', message));
}

function unescape(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/g, (_, char: string) => {
    if (char === 'n') return '\n';
    return char === 't' ? '\t' : char;
  });
}

function tokenize(soql: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < soql.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(soql);
    if (match === null) throw malformed(`unexpected token: '${soql.slice(at, at + 10).trim()}'`);
    tokens.push(toToken(match));
  }
  return tokens;
}

function toToken(match: RegExpExecArray): Token {
  const [, quoted, instant, day, figure, name, symbol] = match;
  const literal = (value: Literal): Token => ({
    text: match[0].trim(),
    literal: value,
    word: false,
  });
  if (quoted !== undefined) return literal({ kind: 'string', value: unescape(quoted) });
  if (instant !== undefined)
    return literal({ kind: 'datetime', value: Math.floor(Date.parse(instant) / 1000) });
  if (day !== undefined) return literal({ kind: 'date', value: day });
  if (figure !== undefined) return literal({ kind: 'number', value: Number(figure) });
  const lower = name?.toLowerCase();
  if (lower === 'true' || lower === 'false')
    return literal({ kind: 'boolean', value: lower === 'true' });
  if (lower === 'null') return literal({ kind: 'null', value: null });
  return { text: name ?? symbol ?? '', literal: null, word: name !== undefined };
}

/** A cursor over the tokens with the few moves that the grammar needs. */
function reader(tokens: readonly Token[]) {
  let at = 0;
  const peek = (): string => tokens[at]?.text.toUpperCase() ?? '';
  const next = (): Token => {
    const token = tokens[at];
    if (token === undefined) throw malformed('unexpected end of query');
    at += 1;
    return token;
  };
  const accept = (text: string): boolean => {
    if (peek() !== text || tokens[at]?.literal?.kind === 'string') return false;
    at += 1;
    return true;
  };
  const expect = (text: string): void => {
    if (!accept(text)) throw malformed(`unexpected token: '${tokens[at]?.text ?? '<EOF>'}'`);
  };
  const name = (): string => {
    const token = next();
    if (!token.word) throw malformed(`unexpected token: '${token.text}'`);
    return token.text;
  };
  const literal = (): Literal => {
    const token = next();
    if (token.literal === null) throw malformed(`unexpected token: '${token.text}'`);
    return token.literal;
  };
  const list = <T>(item: () => T): readonly T[] => {
    const items = [item()];
    while (accept(',')) items.push(item());
    return items;
  };
  return { peek, next, accept, expect, name, literal, list, done: () => at >= tokens.length };
}

type Reader = ReturnType<typeof reader>;

const OPERATORS: ReadonlyMap<string, CompareOperator> = new Map([
  ['=', '='],
  ['!=', '!='],
  ['<>', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

function parseIn(r: Reader, path: string, negated: boolean): Condition {
  r.expect('(');
  const literals = r.list(r.literal);
  r.expect(')');
  return { kind: 'in', path, negated, literals };
}

function parseTerm(r: Reader): Condition {
  if (r.accept('NOT')) return { kind: 'not', part: parseTerm(r) };
  if (r.accept('(')) {
    const inner = parseCondition(r);
    r.expect(')');
    return inner;
  }
  const path = r.name();
  if (r.accept('IN')) return parseIn(r, path, false);
  if (r.accept('NOT')) {
    r.expect('IN');
    return parseIn(r, path, true);
  }
  if (r.accept('LIKE')) return { kind: 'like', path, pattern: String(r.literal().value) };
  const symbol = r.next().text;
  const operator = OPERATORS.get(symbol);
  if (operator === undefined) throw malformed(`unexpected token: '${symbol}'`);
  return { kind: 'compare', path, operator, literal: r.literal() };
}

/** AND and OR may not be mixed without parentheses, as in SOQL. */
function parseCondition(r: Reader): Condition {
  const parts = [parseTerm(r)];
  const word = r.peek();
  if (word !== 'AND' && word !== 'OR') return parts[0] as Condition;
  while (r.accept(word)) parts.push(parseTerm(r));
  if (r.peek() === 'AND' || r.peek() === 'OR') throw malformed(`unexpected token: '${r.peek()}'`);
  return { kind: word === 'AND' ? 'and' : 'or', parts };
}

/** An own name for a figure, unless the next word is the query's: then the vendor numbers it. */
function parseAlias(r: Reader, before: readonly Aggregate[]): string {
  if (![',', 'FROM', ''].includes(r.peek())) return r.name();
  return `expr${before.filter(({ alias }) => /^expr\d+$/.test(alias)).length}`;
}

/** Plain fields, figures over all rows, or `COUNT()`, which is neither. */
function parseFields(r: Reader): Pick<SoqlQuery, 'fields' | 'aggregates'> {
  const fields: string[] = [];
  const aggregates: Aggregate[] = [];
  r.list(() => {
    const name = r.name();
    if (!r.accept('(')) return void fields.push(name);
    const of = AGGREGATES.find((each) => each === name.toUpperCase());
    if (of === undefined) throw malformed(`unexpected token: '${name}'`);
    if (of === 'COUNT' && r.accept(')')) return;
    const path = r.name();
    r.expect(')');
    aggregates.push({ of, path, alias: parseAlias(r, aggregates) });
  });
  if (fields.length > 0 && aggregates.length > 0)
    throw malformed('Field must be grouped or aggregated: ' + fields[0]);
  return { fields, aggregates };
}

function parseOrder(r: Reader): OrderTerm {
  const path = r.name();
  const descending = r.accept('DESC');
  if (!descending) r.accept('ASC');
  return { path, descending };
}

/**
 * Parses the part of SOQL that this sandbox answers: fields (one relationship level), COUNT(), COUNT, MIN and MAX of a
 * field without GROUP BY, WHERE with
 * AND, OR, NOT, parentheses, comparisons, IN, LIKE; ORDER BY; LIMIT.
 * Throws MALFORMED_QUERY as the vendor does for anything else.
 */
export function parseSoql(soql: string): SoqlQuery {
  const r = reader(tokenize(soql));
  r.expect('SELECT');
  const selected = parseFields(r);
  r.expect('FROM');
  const object = r.name();
  const where = r.accept('WHERE') ? parseCondition(r) : null;
  let orderBy: readonly OrderTerm[] = [];
  if (r.accept('ORDER')) {
    r.expect('BY');
    orderBy = r.list(() => parseOrder(r));
  }
  const limit = r.accept('LIMIT') ? Number(r.literal().value) : null;
  if (!r.done()) throw malformed(`unexpected token: '${r.next().text}'`);
  return { ...selected, object, where, orderBy, limit };
}
