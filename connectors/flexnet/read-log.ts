import { midnightOf, instantOf, type WallTime } from './log-time.ts';
import { hashJson } from '../../src/sdk/kernel.ts';
import { MAX_LINE, readLogLine, type LicenceUse, type LogLine } from './log-line.ts';

/** A licence held from check-out to check-in, half-open, as a log tells it. */
export interface Checkout extends LicenceUse {
  readonly daemon: string;
  /** The line of the check-out. */
  readonly line: number;
  /** Epoch milliseconds. */
  readonly outAt: number;
  inAt: number | null;
  /** `shutdown`: the log has no check-in, but the server stopped; `borrow_expiry`: the time it was lent for ran out. */
  endReason: 'in' | 'shutdown' | 'timeout' | 'borrow_expiry' | null;
}

/** A licence that the server refused. */
export interface Denial extends LicenceUse {
  readonly daemon: string;
  readonly line: number;
  readonly at: number;
}

/** A line of a licence that could not be used, with the reason. It never holds the line's text. */
export interface BadLine {
  /** The same for the same line wherever it stands: a line keeps it when its log is rotated. */
  readonly key: string;
  readonly verb: string;
  /** `check_out_missing`: the line can be read, and what it ends cannot be found. */
  readonly code: 'unreadable_line' | 'check_out_missing';
  readonly reason: string;
}

export interface ReadLog {
  readonly checkouts: readonly Checkout[];
  readonly denials: readonly Denial[];
  readonly bad: readonly BadLine[];
  /** Of the lines that were asked for, the keys of those that can be read and used. */
  readonly readable: ReadonlySet<string>;
  /** The first and the last moment that the log tells of, in epoch milliseconds; null where it tells of none. */
  readonly first: number | null;
  readonly last: number | null;
}

const DAY_MS = 86_400_000;
/** Lines of several daemons may be out of order by so much; more is midnight. */
const OUT_OF_ORDER_S = 3600;

type LicenceLine = Extract<LogLine, { readonly use: LicenceUse }>;

interface Reading {
  readonly timeZone: string;
  readonly checkouts: Checkout[];
  readonly denials: Denial[];
  readonly bad: BadLine[];
  /** Licences that are out, oldest first, by who holds what. */
  readonly open: Map<string, Checkout[]>;
  /** Check-outs less check-ins by who holds what, whatever the server did between. */
  readonly balance: Map<string, number>;
  readonly place: () => string;
  readonly asked: ReadonlySet<string>;
  readonly readable: Set<string>;
  text: string;
  midnight: WallTime | null;
  firstInstant: number | null;
  lastSeconds: number;
  lastInstant: number;
}

/**
 * Turns the lines of one debug log into checkout intervals and denials. Days come from the log's own date lines and
 * from midnight; a stop or start of the server ends what is out (G-15), except what was borrowed, which ends with its
 * check-in or when its time is over (G-14). A borrow that ran out before the log's last line has ended.
 * `asked`: keys of lines that an earlier read could not use.
 */
export async function readLog(
  lines: AsyncIterable<string> | Iterable<string>,
  timeZone: string,
  {
    place,
    asked = new Set(),
  }: { readonly place?: () => string; readonly asked?: ReadonlySet<string> } = {},
): Promise<ReadLog> {
  let number = 0;
  const reading: Reading = {
    timeZone,
    checkouts: [],
    denials: [],
    bad: [],
    open: new Map(),
    balance: new Map(),
    place: place ?? (() => `line ${number}`),
    asked,
    readable: new Set(),
    text: '',
    midnight: null,
    firstInstant: null,
    lastSeconds: -1,
    lastInstant: Number.NEGATIVE_INFINITY,
  };
  for await (const text of lines) {
    number += 1;
    reading.text = text.length > MAX_LINE ? text.slice(0, MAX_LINE) : text;
    take(reading, number, readLogLine(reading.text));
  }
  for (const checkouts of reading.open.values())
    for (const checkout of checkouts) expire(checkout, reading.lastInstant);
  const { checkouts, denials, bad, readable, firstInstant: first, lastInstant: last } = reading;
  return { checkouts, denials, bad, readable, first, last: first === null ? null : last };
}

function take(reading: Reading, line: number, said: LogLine): void {
  if (said.kind === 'date' || said.kind === 'restart') setDay(reading, said.text);
  const at = said.seconds === null ? null : instantAt(reading, said.seconds);
  if (said.kind === 'restart') return restart(reading, said.daemon, at);
  if (said.kind === 'bad') {
    refuse(reading, said.verb, 'unreadable_line', `this ${said.verb} line names no feature and user@host.`); // prettier-ignore
    return;
  }
  if (said.kind === 'other' || said.kind === 'date') return;
  if (said.kind !== 'denied' && !isBalanced(reading, said)) {
    refuse(reading, 'IN', 'check_out_missing', 'no check-out stands before this check-in, so how long it was held is not known. If the log before was rotated away, name it in "rotatedLogs".'); // prettier-ignore
    return;
  }
  if (at === null) {
    const verb = said.kind.toUpperCase();
    refuse(reading, verb, 'unreadable_line', `no date stands before this ${verb} line. Keep the log from a TIMESTAMP or start line on.`); // prettier-ignore
    return;
  }
  if (reading.asked.size > 0) noteReadable(reading);
  const { daemon, use } = said;
  if (said.kind === 'denied') reading.denials.push({ ...use, daemon, line, at });
  else if (said.kind === 'out') checkOut(reading, { ...use, daemon, line, outAt: at });
  else checkIn(reading, daemon, use, at);
}

function refuse(reading: Reading, verb: string, code: BadLine['code'], why: string): void {
  const key = keyOf(reading.midnight, reading.text);
  reading.bad.push({ key, verb, code, reason: `${reading.place()}: ${why}` });
}

const keyOf = (midnight: WallTime | null, text: string): string =>
  hashJson([midnight, text]).slice(0, 20);

/** A line that was refused for want of a date bears none in its key. */
function noteReadable({ asked, readable, midnight, text }: Reading): void {
  for (const key of [keyOf(midnight, text), keyOf(null, text)])
    if (asked.has(key)) readable.add(key);
}

/** Takes a check-out or check-in into the balance of its holder; false for a check-in of what was never checked out. */
function isBalanced({ balance }: Reading, { kind, daemon, use }: LicenceLine): boolean {
  const holder = holderOf(daemon, use);
  const held = balance.get(holder) ?? 0;
  if (kind === 'in' && held === 0) return false;
  balance.set(holder, kind === 'in' ? held - 1 : held + 1);
  return true;
}

function setDay(reading: Reading, text: string): void {
  const midnight = midnightOf(text);
  if (midnight === null) return;
  reading.midnight = midnight;
  reading.lastSeconds = -1;
}

/** Null while no day is known. A clock that falls back by more than an hour has passed midnight. */
function instantAt(reading: Reading, seconds: number): number | null {
  if (reading.midnight === null) return null;
  if (seconds < reading.lastSeconds - OUT_OF_ORDER_S) reading.midnight += DAY_MS;
  reading.lastSeconds = seconds;
  const wall = reading.midnight + seconds * 1000;
  const instant = instantOf(wall, reading.timeZone, reading.lastInstant - OUT_OF_ORDER_S * 500);
  reading.lastInstant = Math.max(reading.lastInstant, instant);
  reading.firstInstant = Math.min(reading.firstInstant ?? instant, instant);
  return instant;
}

const holderOf = (daemon: string, { feature, product, user, host }: LicenceUse): string =>
  JSON.stringify([daemon, feature, product, user, host]);

function checkOut(reading: Reading, out: Omit<Checkout, 'inAt' | 'endReason'>): void {
  const checkout: Checkout = { ...out, inAt: null, endReason: null };
  reading.checkouts.push(checkout);
  const key = holderOf(out.daemon, out);
  const held = reading.open.get(key);
  if (held === undefined) reading.open.set(key, [checkout]);
  else held.push(checkout);
}

/** The oldest check-out of the same holder and number ends; without one of that number, the oldest of the holder. */
function checkIn(reading: Reading, daemon: string, use: LicenceUse, at: number): void {
  const held = reading.open.get(holderOf(daemon, use)) ?? [];
  const same = held.findIndex(({ licences }) => licences === use.licences);
  const [ended] = held.splice(Math.max(0, same), 1);
  // Its check-out ended when the server stopped or its borrow ran out.
  if (ended === undefined) return;
  expire(ended, at);
  if (ended.inAt !== null) return;
  ended.inAt = Math.max(at, ended.outAt);
  ended.endReason = endReasonOf(use.reason);
}

function endReasonOf(reason: string | null): Checkout['endReason'] {
  if (reason === null) return 'in';
  if (/SHUTDOWN/i.test(reason)) return 'shutdown';
  return /INACTIVE|TIMEOUT/i.test(reason) ? 'timeout' : 'in';
}

function restart(reading: Reading, daemon: string | null, at: number | null): void {
  if (at === null) return;
  for (const [key, held] of reading.open) {
    const kept = held.filter((checkout) => !endsWithServer(checkout, daemon, at));
    if (kept.length === 0) reading.open.delete(key);
    else reading.open.set(key, kept);
  }
}

function endsWithServer(checkout: Checkout, daemon: string | null, at: number): boolean {
  if (daemon !== null && checkout.daemon !== daemon) return false;
  if (checkout.lingers !== null) {
    expire(checkout, at);
    return checkout.inAt !== null;
  }
  checkout.inAt = Math.max(at, checkout.outAt);
  checkout.endReason = 'shutdown';
  return true;
}

/** Ends a borrow whose time was over before `at`. */
function expire(checkout: Checkout, at: number): void {
  if (checkout.lingers === null) return;
  const end = checkout.outAt + checkout.lingers * 1000;
  if (end > at) return;
  checkout.inAt = end;
  checkout.endReason = 'borrow_expiry';
}
