/** Safe, structured facts about a failure: ids and limits, never secrets or personal data. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

export interface HubErrorOptions {
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

interface HubErrorShape extends HubErrorOptions {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
}

/**
 * The root of every error that Trueup throws on purpose.
 * `status` is the HTTP status that the API answers with, `retryable` tells a worker to try again,
 * and the message says what happened, to which record, and what to do.
 */
export class HubError extends Error {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly details: ErrorDetails;

  constructor(message: string, shape: HubErrorShape) {
    super(message, shape.cause === undefined ? undefined : { cause: shape.cause });
    this.name = new.target.name;
    this.code = shape.code;
    this.status = shape.status;
    this.retryable = shape.retryable;
    this.details = shape.details ?? {};
  }
}

/** The caller's input does not fit: HTTP 422, CLI exit 6. `details.problems` lists pointer and message. */
export class ValidationError extends HubError {
  constructor(message: string, options: HubErrorOptions = {}) {
    super(message, { code: 'validation_failed', status: 422, retryable: false, ...options });
  }
}

/** The named thing does not exist in this tenant: HTTP 404, CLI exit 4. */
export class NotFoundError extends HubError {
  constructor(message: string, options: HubErrorOptions = {}) {
    super(message, { code: 'not_found', status: 404, retryable: false, ...options });
  }
}

/** Nobody is signed in, or the key is unknown, expired or revoked: HTTP 401, CLI exit 3. */
export class UnauthenticatedError extends HubError {
  constructor(message: string, options: HubErrorOptions = {}) {
    super(message, { code: 'unauthenticated', status: 401, retryable: false, ...options });
  }
}

/** The caller is known but lacks the permission: HTTP 403, CLI exit 3. */
export class ForbiddenError extends HubError {
  constructor(message: string, options: HubErrorOptions = {}) {
    super(message, { code: 'forbidden', status: 403, retryable: false, ...options });
  }
}

/** The world moved since the caller looked (stale hash, stale version, taken name): HTTP 409, CLI exit 5. */
export class StaleError extends HubError {
  constructor(message: string, options: HubErrorOptions = {}) {
    super(message, { code: 'conflict', status: 409, retryable: false, ...options });
  }
}

/** The resource is not in the state that the caller's `If-Match` names: HTTP 412, CLI exit 5. */
export class PreconditionFailed extends HubError {
  constructor(message: string, options: HubErrorOptions = {}) {
    super(message, { code: 'precondition_failed', status: 412, retryable: false, ...options });
  }
}

/** The installation itself is wrong (environment, key file, plug-in): the process refuses to start. */
export class ConfigError extends HubError {
  constructor(message: string, options: HubErrorOptions = {}) {
    super(message, { code: 'bad_configuration', status: 500, retryable: false, ...options });
  }
}

/** Our own database does not answer, or refused the work for now (deadlock, full pool): HTTP 503, CLI exit 8. */
export class StoreUnavailable extends HubError {
  constructor(message: string, options: HubErrorOptions = {}) {
    super(message, { code: 'store_unavailable', status: 503, retryable: true, ...options });
  }
}

/** A rule of our own code was broken: a defect to report, never the caller's fault. HTTP 500. */
export class InternalError extends HubError {
  constructor(message: string, options: HubErrorOptions = {}) {
    super(message, { code: 'internal_error', status: 500, retryable: false, ...options });
  }
}

/** A remote system did not answer, or answered with something that is not an answer: HTTP 502, CLI exit 8. */
export class RemoteUnavailable extends HubError {
  constructor(message: string, options: HubErrorOptions = {}) {
    super(message, { code: 'remote_unavailable', status: 502, retryable: true, ...options });
  }
}

/** The remote system asks us to slow down. `retryAt` is an instant of our clock, or undefined when it gave none. */
export class RateLimited extends HubError {
  readonly retryAt: Date | undefined;

  constructor(message: string, options: HubErrorOptions & { readonly retryAt?: Date } = {}) {
    const { retryAt, ...rest } = options;
    super(message, { code: 'rate_limited', status: 503, retryable: true, ...rest });
    this.retryAt = retryAt;
  }
}

/** The credentials no longer work. The connection waits for a person; no record is marked as failed. CLI exit 8. */
export class AuthExpired extends HubError {
  constructor(message: string, options: HubErrorOptions = {}) {
    super(message, { code: 'auth_expired', status: 502, retryable: false, ...options });
  }
}

/** The remote system understood and refused the record. `field` names the culprit when the vendor says it. */
export class RemoteRejected extends HubError {
  readonly field: string | undefined;

  constructor(message: string, options: HubErrorOptions & { readonly field?: string } = {}) {
    const { field, ...rest } = options;
    super(message, { code: 'remote_rejected', status: 502, retryable: false, ...rest });
    this.field = field;
  }
}

/** The remote record is not what we expected to change (another writer, an ambiguous key). */
export class Conflict extends HubError {
  constructor(message: string, options: HubErrorOptions = {}) {
    super(message, { code: 'remote_conflict', status: 409, retryable: false, ...options });
  }
}

/** The message of anything that was thrown, without its stack. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
