import { serveAnswers } from './lean-server.ts';
import { PEOPLE, userRow } from './scim-rows.ts';

/** A lean stand-in for a SCIM directory: any slice of its people, ready-made row by row. Runs as a worker thread. */

const ROWS = Array.from({ length: PEOPLE }, (_, at) => JSON.stringify(userRow(at)));
const MOST = 200;
const slices = new Map<string, Buffer>();

function slice(startIndex: number, count: number): Buffer {
  const key = `${startIndex}/${count}`;
  const known = slices.get(key);
  if (known !== undefined) return known;
  const rows = ROWS.slice(startIndex - 1, startIndex - 1 + Math.min(MOST, count));
  const made = Buffer.from(
    `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":${PEOPLE},"startIndex":${startIndex},"itemsPerPage":${rows.length},"Resources":[${rows.join(',')}]}`,
  );
  slices.set(key, made);
  return made;
}

serveAnswers((url) => {
  if (!url.pathname.endsWith('/Users')) return undefined;
  const [start, count] = [url.searchParams.get('startIndex'), url.searchParams.get('count')];
  return slice(Number(start ?? '1'), Number(count ?? '100'));
}, 'application/scim+json');
