import { expect, test } from '@jest/globals';
import {
  AuthExpired,
  ConfigError,
  Conflict,
  ForbiddenError,
  HubError,
  InternalError,
  messageOf,
  NotFoundError,
  RateLimited,
  RemoteRejected,
  RemoteUnavailable,
  StaleError,
  StoreUnavailable,
  UnauthenticatedError,
  ValidationError,
} from './errors.ts';

test.each([
  [ValidationError, 'validation_failed', 422, false],
  [NotFoundError, 'not_found', 404, false],
  [UnauthenticatedError, 'unauthenticated', 401, false],
  [ForbiddenError, 'forbidden', 403, false],
  [StaleError, 'conflict', 409, false],
  [ConfigError, 'bad_configuration', 500, false],
  [StoreUnavailable, 'store_unavailable', 503, true],
  [InternalError, 'internal_error', 500, false],
  [RemoteUnavailable, 'remote_unavailable', 502, true],
  [RateLimited, 'rate_limited', 503, true],
  [AuthExpired, 'auth_expired', 502, false],
  [RemoteRejected, 'remote_rejected', 502, false],
  [Conflict, 'remote_conflict', 409, false],
] as const)(
  '%p says its code, its status and whether trying again helps',
  (Kind, code, status, retryable) => {
    const error = new Kind('what happened');

    expect(error).toBeInstanceOf(HubError);
    expect(error).toMatchObject({
      name: Kind.name,
      code,
      status,
      retryable,
      message: 'what happened',
      details: {},
    });
  },
);

test('the cause and the details travel with the error', () => {
  const cause = new Error('socket hang up');
  const error = new RemoteUnavailable('No answer.', { cause, details: { connection: 'crm' } });

  expect(error.cause).toBe(cause);
  expect(error.details).toEqual({ connection: 'crm' });
  expect(new ValidationError('x')).not.toHaveProperty('cause');
});

test('a rate limit says when to come back, a refusal says which field', () => {
  const retryAt = new Date('2026-03-02T10:00:00Z');

  expect(new RateLimited('slow', { retryAt }).retryAt).toEqual(retryAt);
  expect(new RateLimited('slow').retryAt).toBeUndefined();
  expect(new RemoteRejected('no', { field: 'Name' }).field).toBe('Name');
});

test('anything that was thrown has a message', () => {
  expect([new Error('a'), 'b', 3, null].map(messageOf)).toEqual(['a', 'b', '3', 'null']);
});
