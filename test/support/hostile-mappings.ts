import type { JsonObject } from '../../src/kernel/hash.ts';
import { compileMapping } from '../../src/mapping/compile.ts';
import { parseMapping, type Steps } from '../../src/mapping/language/parse-mapping.ts';
import { lookupTables } from '../../src/mapping/lookups.ts';
import type { MapContext, MapResult } from '../../src/mapping/mapping-plan.ts';

// What people have sent to the expression engines of other tools, and what would hold a process up (fault case 85).

const CONTEXT: MapContext = {
  lookups: lookupTables({ skus: { A: 'SKU-A' } }),
  startedAt: '2026-03-02T08:00:00Z',
  landed: () => null,
};

function nested(depth: number): JsonObject {
  let value: JsonObject = { end: 1 };
  for (let at = 0; at < depth; at += 1) value = { in: value };
  return value;
}

/** A record as large as one may land, whose keys are what attackers look for. */
const RECORD: JsonObject = JSON.parse(
  JSON.stringify({
    Code: 'A',
    text: 'a'.repeat(60_000),
    long: `${'a'.repeat(400_000)}!`,
    many: Array.from({ length: 10_000 }, (_, at) => at),
    texts: Array.from({ length: 10_000 }, (_, at) => `t${at}`),
    objects: Array.from({ length: 1_000 }, (_, at) => ({ at, list: [at, at] })),
    deep: nested(500),
    figure: '9'.repeat(64),
    exponent: '1e99',
    odd: 'PLACE',
  }).replace('"PLACE"', '{"__proto__":{"polluted":true},"constructor":"own","toString":"own"}'),
) as JsonObject;

const HEAD = 'id: a.b\nversion: 1\nsource: { connection: a, object: b }\ntarget: { object: sku }\n';
const ROWS = '  externalRef: { from: record.id }\n  skuCode: { from: src.Code }\n';

/** A mapping file with a payload in one of its places. */
export const PLACES: Readonly<Record<string, (payload: string) => string>> = {
  expression: (payload) => `${HEAD}fields:\n${ROWS}  name: { expr: ${JSON.stringify(payload)} }\n`,
  condition: (payload) =>
    `${HEAD}when: ${JSON.stringify(payload)}\nfields:\n${ROWS}  name: { from: src.Code }\n`,
  path: (payload) => `${HEAD}fields:\n${ROWS}  name: { from: ${JSON.stringify(payload)} }\n`,
  loop: (payload) =>
    `${HEAD}forEach: { items: ${JSON.stringify(payload)}, as: item }\nfields:\n${ROWS}  name: { from: src.Code }\n`,
  argument: (payload) =>
    `${HEAD}fields:\n${ROWS}  name: { from: src.none, steps: [{ default: ${JSON.stringify(payload)} }] }\n`,
  row: (payload) => `${HEAD}fields:\n${ROWS}  ${JSON.stringify(payload)}: { value: 1 }\n`,
};

export type Ending = { readonly refused: readonly string[] } | { readonly result: MapResult };

/** What becomes of a mapping file: refused with pointers, or run on the record. */
export function ending(text: string, steps: Steps): Ending {
  const parsed = parseMapping(text, 'hostile.yaml', steps);
  if (!parsed.ok) return { refused: parsed.problems.map(({ pointer }) => pointer) };
  const plan = compileMapping(parsed.mapping, steps);
  return { result: plan.mapRecord({ id: 'r', stamp: null, data: RECORD }, CONTEXT) };
}

/** Code of one kind or another, to be tried in every place of a file. */
export const CODE = [
  // One class of escape a line: host objects, constructors, prototypes, templates, functions, statements, other tools' tags.
  'process.mainModule.require("child_process").execSync("id").toString()',
  'global.process.env',
  'this.constructor.constructor("return process")().env',
  'src.constructor.constructor("return process.exit(9)")()',
  'src["constructor"]["constructor"]("globalThis.pwned = 1")()',
  'src["con" + "structor"]["con" + "structor"]("globalThis.pwned = 1")()',
  'src.odd.constructor.constructor("globalThis.pwned = 1")()',
  'src.\\u0063onstructor.\\u0063onstructor("globalThis.pwned = 1")()',
  '"".sub.constructor("globalThis.pwned = 1")()',
  '[].map.constructor("globalThis.pwned = 1")()',
  '(0).toFixed.constructor("globalThis.pwned = 1")()',
  'src.__proto__.polluted',
  'src["__proto__"]["polluted"]',
  'src.odd.__proto__.polluted',
  'src.__defineGetter__("polluted", src.Code)',
  'src.__lookupGetter__("__proto__")',
  'src.many.__proto__.polluted',
  'src.hasOwnProperty.call(src, "Code")',
  'Object.getOwnPropertyDescriptor(src, "Code")',
  'Object.assign(src.__proto__, {"polluted": true})',
  'Reflect.construct(Function, ["globalThis.pwned = 1"])()',
  'new Proxy({}, {get: (t, k) => process})',
  'Symbol.for("nodejs.util.inspect.custom")',
  'import("node:fs")',
  'require("fs").readFileSync("/etc/passwd")',
  'eval("globalThis.pwned = 1")',
  'Function("globalThis.pwned = 1")()',
  'setTimeout("globalThis.pwned = 1", 0)',
  '(() => { globalThis.pwned = 1 })()',
  '(function () { return this })().process',
  'async () => process',
  '((a, b = process) => b)()',
  '({constructor: {constructor: f}} = src, f("globalThis.pwned = 1")())',
  'with (process) { exit(9) }',
  'try { null.x } catch (e) { e.constructor.constructor("globalThis.pwned = 1")() }',
  'throw src',
  'Error.prepareStackTrace = (e, frames) => frames[0].getThis()',
  '`${process.env}`',
  'src.Code`${process}`',
  '{{ $json.constructor.constructor("return process")() }}',
  '={{ process.env }}',
  '${7*7}',
  '#{7*7}',
  '<%= 7*7 %>',
  '__import__("os").system("id")',
  '"; globalThis.pwned = 1; "',
  "'; drop table mapping_version; --",
  'src.Code // comment\n; globalThis.pwned = 1',
  'src = {}',
  'src.Code = "x"',
  'delete src.Code',
  'cel.bind(x, process, x)',
  'cel.@block([src], src)',
  'google.protobuf.Struct{fields: {}}',
  'type(src)',
  'dyn(src).constructor',
  '__spend(src, -999999999, true)',
  'lookup("__proto__", "polluted")',
  'lookup("skus", "__proto__", "none")',
  'lookup("skus", "constructor")',
  'pick({"a": 1}, "__proto__", "none")',
  'pick({"a": 1}, "constructor", "none")',
  'pick(src.odd, "hasOwnProperty", "none")',
  'date(src.Code, "constructor")',
  'round("1.5", 0, "constructor")',
  'isoCurrency("__proto__")',
  'unique([src.odd, {"__proto__": {"polluted": true}}])',
];

/** Expressions that cost as much as they can. */
export const COST = [
  'src.many.map(a, src.many.map(b, a * b))',
  'src.many.map(a, src.many)',
  'src.many.all(a, src.many.exists(b, b == -1) || true)',
  'src.many.filter(a, a in src.many).size()',
  'src.texts.map(a, src.texts.exists(b, b == a))',
  'src.many.map(a, src.text + src.text)',
  'src.many.map(a, src.text.contains("b"))',
  'src.many.map(a, src.deep == src.deep)',
  'src.many.exists(a, src.objects == src.objects && false)',
  'src.many.map(a, unique(src.texts).size())',
  'src.many.map(a, join(src.texts, ",").size())',
  'join(src.many.map(a, src.text), src.text)',
  'src.many.map(a, split(src.text, "a").size())',
  'src.many.map(a, upper(src.text))',
  'upper(src.long)',
  'src.many.map(a, hash(src.text))',
  'src.many.map(a, isoCountry(src.text))',
  'src.many.map(a, pad("x", 1000, "y"))',
  'pad("x", 500000000, "y")',
  'regex(src.text, "(a+)+$")',
  'regex(src.text, "(a|aa)+$")',
  'regex(src.text, "(.*)*(.*)*(.*)*b")',
  'regex(src.text, "a{1000}{1000}")',
  'regex(src.text, "((((((((((a?){30}){30}){30}){30}){30}){30}){30}){30}){30}){30}")',
  'src.many.exists(a, regex("x", "x" + text(a)))',
  'src.many.exists(a, regex(src.text, "(a?){50}a{50}b"))',
  'src.many.map(a, multiply(src.figure, src.figure))',
  'src.many.map(a, round(src.figure, 20))',
  'src.many.map(a, decimal(src.exponent))',
  'src.many.map(a, addMonths("2026-01-31", a))',
  'src.many.map(a, timestamp("2026-01-01T00:00:00Z").getHours("Asia/Tokyo"))',
  'addDays("2026-01-01", 9007199254740991)',
  'sum(src.many.map(a, src.figure))',
  '[[[[[[[[src.many, src.many], src.many], src.many], src.many], src.many], src.many], src.many], src.many]',
  'src.many + src.many + src.many + src.many + src.many + src.many + src.many + src.many',
  'src.texts.map(a, {a: src.objects})',
  'string(src.deep)',
  `${'('.repeat(2_000)}1${')'.repeat(2_000)}`,
  `${'-'.repeat(3_900)}1`,
  `${'!'.repeat(3_900)}true`,
  `[${'['.repeat(1_000)}${']'.repeat(1_000)}]`,
  `src${'.a'.repeat(1_900)}`,
  `src${'[0]'.repeat(1_200)}`,
  `${'1 + '.repeat(900)}1`,
  `${'true ? '.repeat(500)}1${' : 1'.repeat(500)}`,
  `${'"a" + '.repeat(600)}"a"`,
  `"${'\\\\'.repeat(1_900)}"`,
];
