import {
  AuthExpired,
  Conflict,
  HubError,
  messageOf,
  RateLimited,
  RemoteRejected,
  RemoteUnavailable,
  type HubErrorOptions,
} from '../../src/sdk/kernel.ts';

const AUTH = new Set([
  'INVALID_SESSION_ID',
  'INVALID_AUTH_HEADER',
  'invalid_grant',
  'invalid_client',
  'invalid_client_id',
  'unauthorized_client',
  'unsupported_grant_type',
  'inactive_user',
  'inactive_org',
  'invalid_app_access',
]);
const RETRYABLE = new Set([
  'SERVER_UNAVAILABLE',
  'UNABLE_TO_LOCK_ROW',
  'QUERY_TIMEOUT',
  'REQUEST_RUNNING_TOO_LONG',
  'UNKNOWN_EXCEPTION',
]);
const CONFLICT = new Set(['MULTIPLE_CHOICES', 'DUPLICATE_EXTERNAL_ID']);
const LIMIT = new Set(['REQUEST_LIMIT_EXCEEDED', 'ERROR_HTTP_429']);

/** True if the same item may succeed on a later try, with nothing changed. */
export function isRetryableCode(code: string): boolean {
  return RETRYABLE.has(code) || LIMIT.has(code);
}

/** True if the key of a write stands on several records. The message names them. */
export function isAmbiguous(code: string): boolean {
  return CONFLICT.has(code);
}

/** The field that a vendor's message is about: `No such column 'X' on …`. */
export function fieldOf(message: string): string | undefined {
  return /No such column '([^']+)'/.exec(message)?.[1];
}

/** The error of our own that a failure came from, such as a refusal of the egress guard. */
export function hubErrorIn(thrown: unknown): HubError | undefined {
  for (
    let each = thrown, depth = 0;
    each instanceof Error && depth < 5;
    each = each.cause, depth += 1
  ) {
    if (each instanceof HubError) return each;
  }
  return undefined;
}

function codeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  if ('errorCode' in thrown && typeof thrown.errorCode === 'string') return thrown.errorCode;
  return AUTH.has(thrown.name) || thrown.name.startsWith('ERROR_HTTP_') ? thrown.name : undefined;
}

/** Calls of 24 hours are counted on a rolling basis, so some are free again within the hour. */
const TOTAL_PAUSE_MS = 3_600_000;
/** Long calls of others hold the slots; they end. */
const CONCURRENT_PAUSE_MS = 15_000;

function limitReached(
  said: string,
  message: string,
  options: HubErrorOptions,
  now: Date | undefined,
): RateLimited {
  const isConcurrent = message.startsWith('Concurrent');
  const pause = isConcurrent ? CONCURRENT_PAUSE_MS : TOTAL_PAUSE_MS;
  const advice = isConcurrent
    ? 'Too many long calls are under way at once; it is tried again in a moment.'
    : "The organisation's calls of 24 hours are used up. It is tried again within the hour; for more, pull less often or ask Salesforce for more API calls.";
  const retry = now === undefined ? {} : { retryAt: new Date(now.getTime() + pause) };
  return new RateLimited(`${said} ${advice}`, { ...options, ...retry });
}

/**
 * Turns whatever a call to Salesforce threw into one of the five remote errors. `what` names the call, as in
 * "reading Opportunity"; `now` dates the next try where a limit was reached. A refusal by our own egress guard passes
 * through as it is.
 */
export function translateError(thrown: unknown, what: string, now?: Date): HubError {
  const known = hubErrorIn(thrown);
  if (known !== undefined) return known;
  const code = codeOf(thrown);
  const message = messageOf(thrown).slice(0, 500);
  const options = { cause: thrown, details: { code: code ?? null } };
  const said = `Salesforce answered "${message}"${code === undefined ? '' : ` (${code})`} while ${what}.`;
  if (code === undefined)
    return new RemoteUnavailable(
      `Salesforce gave no usable answer while ${what}: ${message}`,
      options,
    );
  if (AUTH.has(code))
    return new AuthExpired(
      `${said} Check the connected app, its certificate and the integration user, then store the credentials again.`,
      options,
    );
  if (LIMIT.has(code)) return limitReached(said, message, options, now);
  if (CONFLICT.has(code))
    return new Conflict(`${said} Merge the records that share the key in Salesforce.`, options);
  if (RETRYABLE.has(code) || /^ERROR_HTTP_(408|420|5\d\d)$/.test(code))
    return new RemoteUnavailable(`${said} It is tried again.`, options);
  const field = fieldOf(message);
  const advice = 'Run `connections check` to see which object, field or right is missing.';
  return new RemoteRejected(`${said} ${advice}`, {
    ...options,
    ...(field === undefined ? {} : { field }),
  });
}
