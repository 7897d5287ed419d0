import { midnightOf, instantOf } from './log-time.ts';

/** One feature as `lmstat -a` shows it. */
export interface FeatureUse {
  readonly feature: string;
  readonly line: number;
  /** Null where the daemon does not count (an uncounted, node-locked licence). */
  readonly issued: number | null;
  readonly inUse: number | null;
  /** Logins that hold a licence, each with how many. */
  readonly holders: readonly { readonly user: string; readonly host: string; readonly licences: number }[]; // prettier-ignore
}

export interface Lmstat {
  /** When the output was made, epoch milliseconds; null when it does not say. */
  readonly at: number | null;
  readonly features: readonly FeatureUse[];
  readonly bad: readonly { readonly line: number; readonly reason: string }[];
}

const HEADER = /status on [A-Z][a-z]{2} (\d{1,2}\/\d{1,2}\/\d{4}) (\d{1,2}):(\d{2})/;
const USERS_OF = /^Users of ([^:]{1,200}): +\((.{1,300})\)\s*$/;
const COUNTED = /^Total of (\d{1,9}) licenses? issued; +Total of (\d{1,9}) licenses? in use$/;
const HOLDER = /^ {2,}(\S{1,200}) (\S{1,255}) .{0,400}, start [A-Z][a-z]{2} \d{1,2}\/\d{1,2} \d{1,2}:\d{2}(?:, (\d{1,9}) licenses)?/; // prettier-ignore

type Open = { -readonly [Key in keyof FeatureUse]: FeatureUse[Key] } & {
  holders: { user: string; host: string; licences: number }[];
};

/** Reads the output of `lmstat -a`. Of several in one file the last one counts. */
export async function readLmstat(
  lines: AsyncIterable<string> | Iterable<string>,
  timeZone: string,
): Promise<Lmstat> {
  let at: number | null = null;
  let features: Open[] = [];
  let bad: { line: number; reason: string }[] = [];
  let number = 0;
  for await (const line of lines) {
    number += 1;
    const header = HEADER.exec(line);
    if (header !== null) {
      at = headerInstant(header, timeZone);
      [features, bad] = [[], []];
    } else if (line.startsWith('Users of ')) {
      const feature = featureOf(line, number);
      if (feature === null)
        bad.push({ line: number, reason: `line ${number}: this "Users of" line says neither how many licences are issued nor that they are uncounted.` }); // prettier-ignore
      else features.push(feature);
    } else addHolder(features.at(-1), line);
  }
  return { at, features, bad };
}

function headerInstant([, date = '', hour, minute]: RegExpExecArray, timeZone: string) {
  const midnight = midnightOf(date);
  if (midnight === null) return null;
  const wall = midnight + (Number(hour) * 60 + Number(minute)) * 60_000;
  return instantOf(wall, timeZone, Number.NEGATIVE_INFINITY);
}

function featureOf(text: string, line: number): Open | null {
  const [, feature, said = ''] = USERS_OF.exec(text) ?? [];
  if (feature === undefined) return null;
  if (/^Uncounted/i.test(said)) return { feature, line, issued: null, inUse: null, holders: [] };
  const [, issued, inUse] = COUNTED.exec(said) ?? [];
  if (issued === undefined || inUse === undefined) return null;
  return { feature, line, issued: Number(issued), inUse: Number(inUse), holders: [] };
}

function addHolder(feature: Open | undefined, line: string): void {
  const [, user, host, licences = '1'] = HOLDER.exec(line) ?? [];
  if (feature === undefined || user === undefined || host === undefined) return;
  feature.holders.push({ user, host, licences: Number(licences) });
}
