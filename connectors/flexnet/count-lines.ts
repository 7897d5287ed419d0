const HELD = new Set(['OUT', 'OUT:']);
const REFUSED = new Set(['DENIED', 'DENIED:', 'UNSUPPORTED', 'UNSUPPORTED:']);

/**
 * How many records of a stream the file holds, counted without the code that reads it, so that a line which the reader
 * loses is seen: a record is a line with its verb after the time and the daemon.
 */
export async function countLines(lines: AsyncIterable<string>, stream: string): Promise<number> {
  let count = 0;
  for await (const line of lines) {
    if (stream === 'features') {
      if (line.includes('status on ')) count = 0;
      if (line.startsWith('Users of ')) count += 1;
      continue;
    }
    const [time = '', second = '', third = ''] = line.trimStart().split(/ +/, 3);
    const verb = second.startsWith('(') ? third : second;
    if (!/^\d{1,2}:\d\d:\d\d$/.test(time)) continue;
    if ((stream === 'checkouts' ? HELD : REFUSED).has(verb)) count += 1;
  }
  return count;
}
