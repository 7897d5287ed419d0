import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ValidationError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/hash.ts';
import { lookupTables } from '../lookups.ts';
import { compileExpression } from './compile-expression.ts';
import { resetBudget } from './expression-budget.ts';
import { useLookups } from './function-library.ts';

const SRC = {
  quantity: 12.5,
  count: 3,
  name: ' Ada ',
  nothing: null,
  start: '2026-01-31',
  lines: [
    { sku: 'A', quantity: 1 },
    { sku: 'B', quantity: 2 },
  ],
  many: Array.from({ length: 10_000 }, (_, at) => at),
  long: 'a'.repeat(60_000),
};

function evaluate(text: string, src: Json = SRC): Json {
  resetBudget();
  return compileExpression(text, ['src', 'run']).evaluate({
    src,
    run: { startedAt: '2026-03-02T00:00:00Z' },
  });
}

/** Processor time in microseconds; the wall clock says how busy the machine is. */
const ONE_SECOND = 1_000_000;

function codeOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    if (error instanceof ValidationError) return error.details['code'];
    throw error;
  }
  return 'no error';
}

describe('what expressions say', () => {
  test.each<[string, Json]>([
    ['src.quantity * 12 + 1', 151],
    ['(src.quantity + 1) * 2 - src.count', 24],
    ['-(src.count) + 1', -2],
    ['!(src.count == 3) || src.quantity >= 12', true],
    ['src.count > 2 ? "many" : "few"', 'many'],
    ['lower(trim(src.name)) + "\\n\\"é"', 'ada\n"é'],
    ['src.?absent.orValue("d")', 'd'],
    ['src.?nothing.?deeper.orValue("d")', 'd'],
    ['coalesce(src.?absent, src.nothing, "", "x")', 'x'],
    ['has(src.absent)', false],
    ['src.lines.map(l, l.sku)', ['A', 'B']],
    ['src.lines.filter(l, l.quantity > 1).map(l, l.sku)', ['B']],
    ['src.lines.exists(l, l.sku == "B") && src.lines.all(l, has(l.sku))', true],
    ['src.lines[1].sku', 'B'],
    ['"A" in src.lines.map(l, l.sku)', true],
    ['pick({"A": "draft", "B": "active"}, src.lines[1].sku, null)', 'active'],
    ['addMonths(src.start, 1)', '2026-02-28'],
    ['addDays(src.?absent, 1)', null],
    ['endOfMonth("2028-02-03")', '2028-02-29'],
    ['daysBetween("2026-01-01", src.start)', 30],
    ['date("3/4/2026", "M/D/YYYY")', '2026-03-04'],
    ['run.startedAt', '2026-03-02T00:00:00Z'],
    ['join(unique(split("b, a,b", ",").map(p, trim(p))), "+")', 'b+a'],
    ['substr("abcdef", 1, 3)', 'bcd'],
    ['pad(7, 3, "0")', '007'],
    ['regex(src.name, "^\\\\s*A[dx]a")', true],
    ['first([]) == null && last([1, 2]) == 2', true],
    ['timestamp("2026-01-01T00:00:00Z").getFullYear()', 2026],
    ['optional.none()', null],
    ['isoCountry(" de ") + isoCountry("France")', 'DEFR'],
    ['isoCountry("XX") == null && isoCountry(null) == null', true],
    ['isoCurrency("us dollar") + isoCurrency("eur") + isoCurrency("CLF")', 'USDEURCLF'],
    ['isoCurrency("Gold coins")', null],
    ['fiscalQuarter("2026-03-02", 1)', 1],
    ['fiscalQuarter("2026-01-31", 2)', 4],
    ['fiscalQuarter("2026-12-31", 7)', 2],
    ['hash("abc")', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['avg([])', null],
    ['9007199254740993', '9007199254740993'],
  ])('%s', (text, expected) => {
    const value = evaluate(text);

    expect(value).toEqual(expected);
  });

  test.each([
    ['round("12.345", 2)', '12.35'],
    ['round("-12.345", 2)', '-12.35'],
    ['round("2.5", 0, "half_even")', '2'],
    ['round("2.51", 0, "half_even")', '3'],
    ['round("2.01", 0, "up")', '3'],
    ['round("-2.99", 0, "down")', '-2'],
    ['sum([0.1, "0.2", 1])', '1.3'],
    ['multiply("120.10", 3)', '360.3'],
    ['divide(100, 12, 2)', '8.33'],
    ['avg([0.1, "0.2", null])', '0.15'],
    ['avg([1, 1, 0])', '0.66666666666666666667'],
    ['money("12.345", "EUR")', '12.35'],
    ['money("12.5", "JPY")', '13'],
    ['money(2.5, "KWD")', '2.500'],
    ['min(["10", 9, "9.5"])', '9'],
    ['max(["2026-02-01", "2026-01-31"])', '2026-02-01'],
  ])('figures are exact: %s', (text, expected) => {
    const value = evaluate(text);

    expect(value).toBe(expected);
  });

  test('sums of decimals of any size are exact, which floats are not', () => {
    const digits = fc.stringMatching(/^-?[1-9]\d{0,14}\.\d{0,5}[1-9]$/);
    fc.assert(
      fc.property(digits, digits, (left, right) => {
        const scaled = (text: string): bigint => {
          const [whole = '', fraction = ''] = text.split('.');
          return BigInt(`${whole}${fraction.padEnd(6, '0')}`);
        };

        const back = evaluate('subtract(add(src.left, src.right), src.right)', { left, right });
        const sum = evaluate('round(add(src.left, src.right), 6)', { left, right }) as string;

        expect(back).toBe(left);
        expect(scaled(sum)).toBe(scaled(left) + scaled(right));
      }),
    );
  });

  test('a lookup reads the tables of the run and names a missing entry', () => {
    useLookups(lookupTables({ skus: { A: 'SKU-A' } }));

    const found = evaluate('lookup("skus", "A")');
    const fallback = evaluate('lookup("skus", "Z", "none")');

    expect(found).toBe('SKU-A');
    expect(fallback).toBe('none');
    expect(codeOf(() => evaluate('lookup("skus", "Z")'))).toBe('lookup_missing');
    expect(compileExpression('lookup("skus", "A") == "x"', []).lookups).toEqual(['skus']);
  });
});

describe('what expressions cannot do', () => {
  test.each([
    ['src.constructor', 'no_such_key'],
    ['src["constructor"]', 'no_such_key'],
    ['src.__proto__', 'no_such_key'],
    ['src["__proto__"]["polluted"]', 'no_such_key'],
    ['src.lines.constructor', 'no_such_key'],
    ['src.lines.length', 'no_such_key'],
    ['src.name.length', 'no_such_key'],
    ['src.toString', 'no_such_key'],
    ['src.?constructor.?constructor.orValue("") == "" ? src.valueOf : src', 'no_such_key'],
  ])('reach a prototype: %s', (text, code) => {
    expect(codeOf(() => evaluate(text))).toBe(code);
  });

  test('prototype names in a map literal stay data or vanish', () => {
    const value = evaluate('{"__proto__": {"polluted": true}, "a": 1}');

    expect(value).toEqual({ a: 1 });
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test.each([
    ['src.name.matches("(a+)+$")', 'function_refused'],
    ['cel.bind(x, 1, x + x)', 'function_refused'],
    ['bytes("a")', 'function_refused'],
    ['b"raw"', 'function_refused'],
    ['__spend(src, 1, true)', 'function_refused'],
    ['{"a": 1, "b": 2, "a": 3}', 'duplicate_key'],
    ['src.lines.map(a, src.lines.map(b, src.lines.map(c, c)))', 'loop_too_deep'],
    ['lookup(src.name, "A")', 'lookup_table'],
    ['srcc.name', 'unknown_variable'],
    ['lowr(src.name)', 'no_matching_overload'],
    ['process.exit(1)', 'unknown_variable'],
    ['eval("1")', 'no_matching_overload'],
    ['1 +', 'unexpected_token'],
    ['"a" + 1', 'no_such_overload'],
    [`${'('.repeat(60)}1${')'.repeat(60)}`, 'limit_exceeded'],
    [Array.from({ length: 300 }, () => '1').join('+'), 'limit_exceeded'],
    [`"${'x'.repeat(5_000)}"`, 'expression_too_long'],
  ])('compile: %s', (text, code) => {
    expect(codeOf(() => compileExpression(text, ['src', 'run']))).toBe(code);
  });

  test.each([
    ['src.many.map(a, src.many.map(b, b))', 'expression_too_costly'],
    ['src.many.all(a, src.many.exists(b, b == -1) || true)', 'expression_too_costly'],
    ['src.many.filter(a, a in src.many)', 'expression_too_costly'],
    ['src.many.filter(a, src.long.contains("b"))', 'expression_too_costly'],
    ['src.many.filter(a, src.long + "x" == src.long + "y")', 'expression_too_costly'],
    ['src.many.map(a, (src.many + src.many).size())', 'expression_too_costly'],
    [
      'src.many.map(a, timestamp("2026-01-01T00:00:00Z").getHours("Asia/Tokyo"))',
      'expression_too_costly',
    ],
    ['src.many.map(a, src.many)', 'bad_result'],
    ['lower(src.long + src.long)', 'text_too_long'],
    ['regex(src.long, "(a+)+$") ? src.long : regex(src.long, "(a|a)*b")', 'no error'],
    ['regex(src.name, "(")', 'bad_pattern'],
    ['src.count / 0', 'bad_result'],
    ['pad("a", 500000000, " ")', 'row_failed'],
  ])('run for long: %s', (text, code) => {
    const began = process.cpuUsage();

    const outcome = codeOf(() => evaluate(text)) ?? 'row_failed';

    expect(outcome).toBe(code);
    expect(process.cpuUsage(began).user).toBeLessThan(ONE_SECOND);
  });

  test.each([
    [300, 300],
    [400, 'expression_too_costly'],
  ])('nested lists may multiply to 100,000 rounds: %d by itself', (length, expected) => {
    const list = Array.from({ length }, (_, at) => at);

    const outcome = codeOf(() => {
      throw new ValidationError('', {
        details: { code: evaluate('src.list.map(a, src.list.map(b, b)).size()', { list }) },
      });
    });

    expect(outcome).toBe(expected);
  });

  test('a budget that ran out is not forgiven by ||', () => {
    const text = '(src.many.map(a, src.many.map(b, b)).size() > 0 || true) == true';

    expect(codeOf(() => evaluate(text))).toBe('expression_too_costly');
  });

  test('an error names the missing key of the expression and never a value of the record', () => {
    const message = (text: string): string => {
      try {
        evaluate(text, { secret: 'hunter2', key: 'hunter2' });
      } catch (error) {
        return String(error);
      }
      return '';
    };

    expect(message('src.sekret')).toContain('"sekret"');
    expect(message('src[src.key]')).not.toContain('hunter2');
    expect(message('int(src.secret)')).not.toContain('hunter2');
    expect(message('round(src.secret, 2)')).not.toContain('hunter2');
    expect(message('date(src.secret)')).not.toContain('hunter2');
    expect(message('money(1, src.secret)')).not.toContain('hunter2');
    expect(message('bool(src.secret)')).not.toContain('hunter2');
  });
});
