import {
  AuthExpired,
  Conflict,
  HubError,
  messageOf,
  RateLimited,
  RemoteRejected,
  RemoteUnavailable,
} from '../../src/sdk/kernel.ts';
import { member } from './lossless-json.ts';

/** An answer of NetSuite: the body parsed where it is JSON, else null with its text. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** What an `o:errorDetails` entry says; `field` is the path in the body, the parameter or the header. */
export interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly field: string | null;
}

/** Network failures after which the request cannot have reached NetSuite. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

/** The first problem that an error body names, or the bare status. */
export function problemOf(answer: Answer): Problem {
  const details = member(answer.body, 'o:errorDetails');
  const first: unknown = Array.isArray(details) ? (details as readonly unknown[])[0] : undefined;
  return {
    code:
      text(member(first, 'o:errorCode')) ??
      text(member(answer.body, 'o:errorCode')) ??
      `HTTP_${answer.status}`,
    detail:
      text(member(first, 'detail')) ??
      text(member(answer.body, 'title')) ??
      `HTTP status ${answer.status}`,
    field:
      text(member(first, 'o:errorPath')) ??
      text(member(first, 'o:errorQueryParam')) ??
      text(member(first, 'o:errorHeader')),
  };
}

/** When an answer asks us to come back, in seconds or as an HTTP date; null where it does not say. */
export function retryAtOf(answer: Answer, now: Date): Date | null {
  const header = answer.headers['retry-after'];
  if (typeof header !== 'string') return null;
  if (/^\d{1,6}$/.test(header)) return new Date(now.getTime() + Number(header) * 1000);
  const at = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? null : new Date(at);
}

function retryAt(answer: Answer, now: Date): { readonly retryAt?: Date } {
  const at = retryAtOf(answer, now);
  return at === null ? {} : { retryAt: at };
}

/**
 * The error that an answer other than 2xx stands for. `what` says what was asked, as in "read salesOrder".
 * Sources: NetSuite help, sections 156570709583 (error bodies) and the concurrency codes by surface.
 */
export function remoteError(answer: Answer, what: string, now: Date): HubError {
  const problem = problemOf(answer);
  const said = `NetSuite refused to ${what}: ${problem.detail} (${problem.code})`;
  const { location = null } = answer.headers;
  const details = { status: answer.status, vendorCode: problem.code, location };
  if (answer.status === 429 || problem.code === 'CONCURRENCY_LIMIT_EXCEEDED') {
    return new RateLimited(`NetSuite is busy and did not ${what}: ${problem.detail} It is tried again later; lower the connection's concurrency if this stays.`, { details, ...retryAt(answer, now) }); // prettier-ignore
  }
  if (answer.status === 401) {
    return new AuthExpired(`${said}. Check the integration record, its certificate or token, and the role; after a sandbox refresh the mapping must be made again.`, { details }); // prettier-ignore
  }
  if (answer.status === 409 || answer.status === 412)
    return new Conflict(`${said}. Read the record again before you change it.`, { details });
  // A 408 says that somebody on the way gave up waiting, not that NetSuite refused.
  if (answer.status >= 400 && answer.status < 500 && answer.status !== 408) {
    return new RemoteRejected(said, {
      details,
      ...(problem.field === null ? {} : { field: problem.field }),
    });
  }
  return new RemoteUnavailable(
    `NetSuite did not ${what}: it answered with status ${answer.status}. It is tried again later.`,
    { details },
  );
}

/** The error for an answer that is no answer: HTML, cut JSON, a shape that nobody documented. */
export function garbled(what: string, why: string): RemoteUnavailable {
  return new RemoteUnavailable(`NetSuite's answer could not be read (${why}) when asked to ${what}. Check that baseUrl leads to the REST services; it is tried again later.`); // prettier-ignore
}

function hubErrorIn(thrown: unknown): HubError | null {
  if (thrown instanceof HubError) return thrown;
  return thrown instanceof Error && thrown.cause !== undefined ? hubErrorIn(thrown.cause) : null;
}

/** The error for a call that was not made because its turn came too late. */
export function tooLate(what: string): RemoteUnavailable {
  return new RemoteUnavailable(
    `NetSuite was not asked to ${what}: calls before it took too long. It is tried again later.`,
    { details: { sent: false } },
  );
}

/** True if nothing of the request can have reached NetSuite, so that sending it again is safe. */
export function wasNeverSent(error: unknown): boolean {
  return error instanceof RemoteUnavailable && error.details['sent'] === false;
}

/**
 * The error for a call that got no answer. `details.sent` is false only where the connection was never made.
 * An error of our own guard (a forbidden address) is passed on as it is.
 */
export function networkError(thrown: unknown, what: string): HubError {
  const own = hubErrorIn(thrown);
  if (own !== null) return own;
  const code =
    text(thrown instanceof Error && 'code' in thrown ? thrown.code : undefined) ?? 'NO_ANSWER';
  return new RemoteUnavailable(
    `NetSuite could not be reached to ${what} (${code}: ${messageOf(thrown)}). Check the account id, the network and NetSuite's status page.`,
    {
      // prettier-ignore
      details: { networkCode: code, sent: !NEVER_SENT.has(code) },
      cause: thrown,
    },
  );
}
