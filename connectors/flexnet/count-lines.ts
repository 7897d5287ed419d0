const USE_LINE = /^ *\d{1,2}:\d\d:\d\d +(?:(\(\S+\)) +)?([A-Z]+):? +(.*)$/;
const REFUSED = new Set(['DENIED', 'UNSUPPORTED']);

/** Who holds what, as the line spells it: what stands in round brackets says how much, how long and why. */
function holderOf(daemon: string, text: string): string | null {
  if (!/^"[^"]+" +[^()[\]]+@/.test(text)) return null;
  return `${daemon} ${text
    .replaceAll(/\([^()]*\)/g, ' ')
    .replaceAll(/ +/g, ' ')
    .trim()}`;
}

/**
 * How many records and lines in waiting the files hold of a stream, counted without the code that reads them, so that a
 * line which the reader loses is seen: a check-out or refusal is a line with its verb after the time and the daemon, and
 * a check-in counts where no check-out is left for it.
 */
export async function countLines(lines: AsyncIterable<string>, stream: string): Promise<number> {
  let count = 0;
  const out = new Map<string, number>();
  for await (const line of lines) {
    if (stream === 'features') {
      if (line.includes('status on ')) count = 0;
      if (line.startsWith('Users of ')) count += 1;
      continue;
    }
    const [, daemon = '', verb = '', text = ''] = USE_LINE.exec(line) ?? [];
    if (stream === 'denials') {
      if (REFUSED.has(verb)) count += 1;
      continue;
    }
    if (verb !== 'OUT' && verb !== 'IN') continue;
    const holder = holderOf(daemon, text);
    const held = holder === null ? 0 : (out.get(holder) ?? 0);
    const isOut = verb === 'OUT';
    if (isOut || (holder !== null && held === 0)) count += 1;
    if (holder !== null) out.set(holder, isOut ? held + 1 : Math.max(0, held - 1));
  }
  return count;
}
