/** What a line of a licence daemon's debug log says; lines that tell of no licence are `other`. */
export type LogLine =
  | { readonly kind: 'out' | 'in' | 'denied'; readonly seconds: number; readonly daemon: string; readonly use: LicenceUse }
  /** The daemon, or the manager with all its daemons, stopped or came back: nothing is held any more. */
  | { readonly kind: 'restart'; readonly seconds: number; readonly daemon: string | null; readonly text: string }
  | { readonly kind: 'date'; readonly seconds: number | null; readonly text: string }
  /** A line of a licence that cannot be read. */
  | { readonly kind: 'bad'; readonly seconds: number | null; readonly verb: string }
  | { readonly kind: 'other'; readonly seconds: number | null }; // prettier-ignore

/** Who holds, gives back or was refused how much of what. */
export interface LicenceUse {
  readonly feature: string;
  /** The product behind a token checkout, as in `[DOORS]`. */
  readonly product: string | null;
  readonly user: string;
  readonly host: string;
  readonly licences: number;
  /** Seconds for which the licence stays out without the server: a borrow or a linger. */
  readonly lingers: number | null;
  /** The bracketed words at the end: `SHUTDOWN`, or why it was denied. */
  readonly reason: string | null;
}

const CLOCK = /^ *(\d{1,2}):(\d{2}):(\d{2}) +(?:\(([^()]{1,60})\) +)?(.*)$/;
const VERB = /^(OUT|IN|DENIED|UNSUPPORTED):? +(.*)$/;
/** `"feature" user@host`, then brackets in any order. User and host may hold blanks in some logs; the last @ parts them. */
const USE = /^"([^"]{1,200})" +([^()[\]"]{1,400}@[^ ()[\]"]{1,255}) *([[(].*)?$/;
const LICENCES = /\((\d{1,9}) licenses?\)/;
const LINGER = /\((?:linger|borrow):? *(\d{1,9})\)/i;

/** Lines longer than this are no log lines. */
export const MAX_LINE = 8192;

/**
 * Reads one line of an lmgrd debug log (FlexNet Publisher; the forms are those of IBM's description of the Rational
 * licence log and of OpenLM's). The time of day is in seconds; the day stands in other lines.
 */
export function readLogLine(line: string): LogLine {
  const clock = CLOCK.exec(line);
  if (clock === null) return { kind: 'other', seconds: null };
  const seconds = Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3]);
  const daemon = clock[4] ?? '';
  const text = clock[5] ?? '';
  const verb = VERB.exec(text);
  if (verb !== null) return licenceLine(verb[1] ?? '', verb[2] ?? '', { seconds, daemon });
  if (/ started on /.test(text) && daemon === 'lmgrd')
    return { kind: 'restart', seconds, daemon: null, text };
  if (/^(TIMESTAMP|Start-Date:|Time:) /.test(text)) return { kind: 'date', seconds, text };
  const restarted = /^REStarted (\S+)/.exec(text)?.[1];
  if (restarted !== undefined) return { kind: 'restart', seconds, daemon: restarted, text };
  if (/^(Shutting down|EXITING DUE TO|daemon shutdown|Server started on )/i.test(text)) {
    const stopped = /^Shutting down (\S+)/.exec(text)?.[1] ?? daemon;
    return { kind: 'restart', seconds, daemon: stopped === 'lmgrd' ? null : stopped, text };
  }
  return { kind: 'other', seconds };
}

function licenceLine(
  verb: string,
  text: string,
  at: { readonly seconds: number; readonly daemon: string },
): LogLine {
  const use = useOf(text);
  if (use === null) return { kind: 'bad', seconds: at.seconds, verb };
  const kind = verb === 'OUT' ? 'out' : verb === 'IN' ? 'in' : 'denied';
  return { kind, ...at, use };
}

function useOf(text: string): LicenceUse | null {
  const use = USE.exec(text);
  if (use === null) return null;
  const [, feature = '', who = '', rest = ''] = use;
  const at = who.lastIndexOf('@');
  const licences = Number(LICENCES.exec(rest)?.[1] ?? '1');
  if (at < 1 || licences < 1) return null;
  const linger = LINGER.exec(rest)?.[1];
  const reason = rest
    .replace(LICENCES, '')
    .replace(LINGER, '')
    .replace(/\[[^\]]*\]/, '')
    .trim();
  return {
    feature,
    product: /\[([^\]]{1,200})\]/.exec(rest)?.[1] ?? null,
    user: who.slice(0, at).trim(),
    host: who.slice(at + 1),
    licences,
    lingers: linger === undefined ? null : Number(linger),
    reason: reason === '' ? null : reason.replace(/^\(|\)$/g, ''),
  };
}
