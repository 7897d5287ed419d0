import { describe, expect, test } from '@jest/globals';
import { exitOfRun } from './run-report.ts';
import type { RunStreamView } from './wait-for-run.ts';

const none = { pages: 0, landed: 0, created: 0, updated: 0, unchanged: 0, superseded: 0, rejected: 0, quarantined: 0, unmappedPages: 0, expected: null, resumeAt: null }; // prettier-ignore
const certified = (closed: boolean | null): RunStreamView['certificate'] => ({
  sourceCount: closed === null ? null : 1,
  closed,
  missingIds: [],
});
const good: RunStreamView = {
  ...none,
  stream: 'Users',
  status: 'succeeded',
  certificate: certified(true),
  error: null,
};
const failed = (code: string): RunStreamView => ({
  ...none,
  stream: 'Groups',
  status: 'failed',
  certificate: null,
  error: { code, message: code },
});
const dropped: RunStreamView = { ...failed('incomplete'), certificate: certified(false) };
const exit = (...streams: readonly RunStreamView[]): number =>
  exitOfRun({
    status: streams.some((stream) => stream.status === 'failed') ? 'failed' : 'succeeded',
    streams,
  });

describe('how a pull ends', () => {
  test.each([
    ['everything closed', 0, [good, good]],
    ['something could not be counted', 1, [good, { ...good, certificate: certified(null) }]],
    ['something could not be counted, whatever the stream says of itself', 1, [good, { ...failed('not_countable'), certificate: certified(null) }]],
    ['some streams came through', 7, [good, failed('remote_unavailable')]],
    ['some came through, and another failed here', 7, [good, failed('internal_error')]],
    ['the system gave nothing', 8, [failed('remote_unavailable'), failed('rate_limited')]],
    ['nothing came, partly for a reason of ours', 1, [failed('auth_expired'), failed('internal_error')]],
    ['a certificate did not close', 1, [dropped]],
    ['a certificate did not close, whatever else came', 1, [good, dropped]],
    ['a certificate did not close, whatever else failed', 1, [dropped, failed('rate_limited')]],
  ])('%s: exit %i', (_case, code, streams) => {
    expect(exit(...streams)).toBe(code);
  }); // prettier-ignore
});
