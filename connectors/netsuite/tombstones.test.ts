import { expect, test } from '@jest/globals';
import type { NetSuiteClient } from './client.ts';
import { remoteError } from './errors.ts';
import { canReadDeletions } from './tombstones.ts';

/** A client whose every call is refused as NetSuite words it. */
function refusing(status: number, code: string, detail: string): NetSuiteClient {
  const body = {
    title: 'Bad Request',
    status,
    'o:errorDetails': [{ detail, 'o:errorCode': code }],
  };
  const refusal = remoteError({ status, headers: {}, body }, 'look for deletions', new Date(0));
  return { call: () => Promise.reject(refusal) } as unknown as NetSuiteClient;
}

const SEARCH = 'Invalid search query. Detailed unprocessed description follows. Search error occurred: '; // prettier-ignore

test.each([
  ['a table that does not exist for it', 400, 'INVALID_PARAMETER', `${SEARCH}Record 'deletedrecord' was not found.`],
  ['one in typographic quotes', 400, 'INVALID_PARAMETER', `${SEARCH}Record ‘deletedrecord’ was not found..`],
  ['a missing permission', 400, 'INSUFFICIENT_PERMISSION', 'Permission Violation: You need the Deleted Records permission.'],
  ['a refusal by status', 403, 'USER_ERROR', 'Forbidden'],
])('a role that is kept from deletions is told by %s', async (_, status, code, detail) => {
  expect(await canReadDeletions(refusing(status, code, detail))).toBe(false);
}); // prettier-ignore

test.each([
  ['a column of the table', 400, 'INVALID_PARAMETER', `${SEARCH}Field 'recordid' for record 'deletedrecord' was not found. Reason: REMOVED - Field is removed.`],
  ['an identifier', 400, 'INVALID_PARAMETER', `${SEARCH}Unknown identifier 'd.recordid'. Available identifiers are: {deletedrecord=deletedrecord}`],
  ['another table', 400, 'INVALID_PARAMETER', `${SEARCH}Record 'transaction' was not found.`],
  ['the form of the query', 400, 'INVALID_PARAMETER', 'Invalid or unsupported search'],
])('a refusal of %s is a fault, never taken for "there are no deletions"', async (_, status, code, detail) => {
  await expect(canReadDeletions(refusing(status, code, detail))).rejects.toMatchObject({
    code: 'remote_rejected',
  });
}); // prettier-ignore

test.each([
  ['an outage', 503, 'UNEXPECTED_ERROR', 'remote_unavailable'],
  ['a pool of calls that is full', 429, 'CONCURRENCY_LIMIT_EXCEEDED', 'rate_limited'],
  ['a login that is refused', 401, 'INVALID_LOGIN', 'auth_expired'],
])('%s is no answer', async (_, status, code, kind) => {
  await expect(
    canReadDeletions(refusing(status, code, "Record 'deletedrecord' was not found.")),
  ).rejects.toMatchObject({ code: kind });
});
