import { StoreUnavailable, messageOf } from '../kernel/errors.ts';
import { codeOf } from './code-of.ts';

/** https://www.postgresql.org/docs/18/errcodes-appendix.html: class 08, and the operator's shutdowns. */
const GONE_STATES = new Set(['57P01', '57P02', '57P03', '53300']);
const GONE_SOCKETS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EHOSTUNREACH',
]);
/** The driver has no code for these; the texts are those of pg 8.23. */
const GONE_TEXTS = [
  'Connection terminated',
  'connection error and is not queryable',
  'timeout exceeded when trying to connect',
  'Client was closed',
];

/** True if the connection to PostgreSQL is gone or was never made. */
export function isConnectionLoss(thrown: unknown): boolean {
  const code = codeOf(thrown);
  if (
    code !== undefined &&
    (code.startsWith('08') || GONE_STATES.has(code) || GONE_SOCKETS.has(code))
  )
    return true;
  const message = messageOf(thrown);
  return GONE_TEXTS.some((text) => message.includes(text));
}

/** True for a serialization failure or a deadlock: the same transaction may succeed when it is run again. */
export function isTransactionConflict(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return code === '40001' || code === '40P01';
}

/** True if a unique index refused a row; `constraint` narrows it to one index. */
export function isUniqueViolation(thrown: unknown, constraint?: string): boolean {
  if (codeOf(thrown) !== '23505') return false;
  if (constraint === undefined) return true;
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'constraint' in thrown &&
    thrown.constraint === constraint
  );
}

const DISK_FULL =
  'The disk of the database is full. Make room there; what waits goes on by itself.';

/** The server answers and can write nothing, until a person makes room. */
const REFUSALS: Readonly<Record<string, string>> = {
  '53100': DISK_FULL,
  '53200': 'The database is out of memory. Give it more; what waits goes on by itself.',
  '58030': 'The database cannot read or write its files. Look at its disk and at its log.',
};

const INTERNAL = 'XX000';
const BROKEN_OFF =
  'The database broke off the connection over an error of its own. Look at its disk and at its log.';

/**
 * Why the server cannot serve for the time being; undefined: that is not what it says. Some errors of its own have no code
 * that says more than `internal`: older releases tell whoever connects while the disk is full "could not write init file"
 * that way (utils/cache/relcache.c). An internal error that ends the session is no word on a statement either.
 */
function refusalOf(thrown: unknown): string | undefined {
  const code = codeOf(thrown) ?? '';
  if (code !== INTERNAL) return REFUSALS[code];
  if (messageOf(thrown).includes('No space left on device')) return DISK_FULL;
  return endsSession(thrown) ? BROKEN_OFF : undefined;
}

function endsSession(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null || !('severity' in thrown)) return false;
  return thrown.severity === 'FATAL' || thrown.severity === 'PANIC';
}

/**
 * A lost connection, and a server that cannot write for the time being, as StoreUnavailable: neither says anything about
 * the record or the system at hand. Everything else as it came.
 */
export function translate(thrown: unknown): unknown {
  const refusal = refusalOf(thrown);
  if (refusal !== undefined) return new StoreUnavailable(refusal, { cause: thrown });
  if (!isConnectionLoss(thrown)) return thrown;
  return new StoreUnavailable(
    'The database does not answer. Check that it runs and that DATABASE_URL is right.',
    {
      cause: thrown,
    },
  );
}
