type Headers = Readonly<Record<string, unknown>>;

const SECONDS = /^\d{1,6}$/;
const EPOCH_SECONDS = /^\d{10}$/;
/** RFC 9110 §5.6.7; `Date.parse` alone would also take "-5" or "1" for a date. */
const HTTP_DATE = /^[A-Z][a-z]{2,8},? [\dA-Za-z]/;

function instantOf(header: unknown): number | null {
  const at = typeof header === 'string' && HTTP_DATE.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

/**
 * When a directory wants to be asked again: `Retry-After` in seconds or as an HTTP date, else `X-Rate-Limit-Reset` in
 * seconds since 1970, as Okta gives it. Instants are the directory's own, so its `Date` header, where it sends one,
 * turns them into a wait. Undefined where nothing of it can be read; never before `now`.
 */
export function retryAt(headers: Headers, now: Date): Date | undefined {
  const { 'retry-after': after, 'x-rate-limit-reset': reset } = headers;
  if (typeof after === 'string' && SECONDS.test(after)) {
    return new Date(now.getTime() + Number(after) * 1000);
  }
  const resets =
    typeof reset === 'string' && EPOCH_SECONDS.test(reset) ? Number(reset) * 1000 : null;
  const at = instantOf(after) ?? resets;
  if (at === null) return undefined;
  const theirs = instantOf(headers['date']) ?? now.getTime();
  return new Date(now.getTime() + Math.max(0, at - theirs));
}
