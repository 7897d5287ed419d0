import { parseExactJson, prototypeKeyIn } from '../../src/sdk/exact-json.ts';
import type { Json, JsonObject } from '../../src/sdk/kernel.ts';
import { RemoteRejected } from '../../src/sdk/kernel.ts';
import { MAX_ROW_BYTES, type FileRow } from './file-row.ts';
import { textOf } from '../../src/sdk/local-file.ts';
import type { SourceFile } from './source-file.ts';

const BLANK = /^[ \t\r]*$/;

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readLine(file: SourceFile, line: number, text: string): FileRow {
  const bad = (code: string, what: string): FileRow => ({
    kind: 'bad',
    line,
    code,
    reason: `${file.name}, line ${line}: ${what}.`,
  });
  let value: Json;
  try {
    value = parseExactJson(text);
  } catch {
    return bad('not_json', 'this is not JSON. Write one whole object a line');
  }
  if (!isObject(value)) return bad('not_an_object', 'this is no JSON object');
  const key = prototypeKeyIn(value);
  if (key !== null)
    return bad('forbidden_member', `a member is named "${key}", which is never data`);
  return { kind: 'row', line, data: value };
}

function checkLength(file: SourceFile, line: number, text: string): void {
  if (text.length <= MAX_ROW_BYTES) return;
  throw new RemoteRejected(
    `${file.name}, line ${line}: the line is longer than 1 MiB. Write one object a line.`,
  );
}

/**
 * The rows of a file with one JSON object a line. Blank lines are passed over; figures that a double cannot hold
 * stay as text. Throws RemoteRejected when the file as a whole cannot be read.
 */
export async function* ndjsonRows(file: SourceFile): AsyncGenerator<FileRow> {
  let line = 0;
  let rest = '';
  for await (const text of textOf(file)) {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const each of lines) {
      line += 1;
      checkLength(file, line, each);
      if (!BLANK.test(each)) yield readLine(file, line, each);
    }
    checkLength(file, line + 1, rest);
  }
  if (!BLANK.test(rest)) yield readLine(file, line + 1, rest);
}
