import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { ApiClient } from './api-client.ts';
import type { StreamEvent } from './event-stream.ts';
import {
  shareOf,
  textOf,
  waitForRun,
  type RunProgressView,
  type StreamProgressView,
} from './wait-for-run.ts';

const STREAM: StreamProgressView = {
  stream: 'Users',
  status: 'reading',
  pages: 1,
  landed: 0,
  unmappedPages: 0,
  expected: null,
  resumeAt: null,
};
const streams = (...changes: readonly Partial<StreamProgressView>[]) => ({
  streams: changes.map((change) => ({ ...STREAM, ...change })),
});
const run = (status: RunProgressView['status'], change: Partial<StreamProgressView> = {}) => ({
  id: 'run_1',
  connection: 'crm',
  status,
  ...streams(change),
});

/** An API whose streams of events are given; the run itself is as `shown`. */
function apiOf(events: () => AsyncIterable<StreamEvent>, shown: object = {}): ApiClient {
  return { events, get: () => Promise.resolve(shown) } as unknown as ApiClient;
}
const progress = (data: object): StreamEvent => ({ id: '1', event: 'progress', data });
const end = (data: object): StreamEvent => ({ id: '2', event: 'end', data });

function terminal(isTTY: boolean): {
  readonly err: NodeJS.WriteStream;
  readonly text: () => string;
} {
  let text = '';
  const stream = Object.assign(new PassThrough(), {
    isTTY,
    columns: 100,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  });
  stream.on('data', (part: Buffer) => (text += part.toString()));
  return { err: stream as unknown as NodeJS.WriteStream, text: () => text };
}

afterEach(() => {
  jest.useRealTimers();
});

describe('the bar', () => {
  test('counts records where every stream knows how many will come', () => {
    const share = shareOf(streams({ landed: 30, expected: 100 }, { landed: 5, status: 'succeeded' })); // prettier-ignore

    expect(share).toEqual({ done: 35, total: 105 });
  });

  test('counts streams where one does not', () => {
    const share = shareOf(streams({ landed: 30, expected: 100 }, { landed: 5 }, { status: 'failed' })); // prettier-ignore

    expect(share).toEqual({ done: 1, total: 3 });
  });

  test('never runs over when more comes than was expected', () => {
    expect(shareOf(streams({ landed: 130, expected: 100 }))).toEqual({ done: 130, total: 130 });
  });
});

test('a line of progress says how much has come of how much, and what waits until when', () => {
  const text = textOf(
    streams(
      { landed: 30, expected: 100, unmappedPages: 2 },
      { landed: 0, expected: 5, status: 'parked', resumeAt: '2026-03-03T00:00:00Z' },
    ),
  );

  expect(text).toBe(
    '0 of 2 streams, 30 of about 105 records, 2 pages to map, 1 parked until 2026-03-03T00:00:00Z',
  );
});

describe('waiting for a run', () => {
  test('gives the run as it ended', async () => {
    const ended = { ...run('succeeded'), trigger: 'person' };
    const api = apiOf(async function* () {
      yield progress(run('running'));
      yield end(ended);
    });

    expect(await waitForRun(api, 'run_1', terminal(false).err)).toEqual(ended);
  });

  test('ends when the run is parked, unless one wants to wait for that too', async () => {
    const parked = run('parked', { status: 'parked' });
    const ended = run('succeeded');
    const events = async function* () {
      yield progress(parked);
      yield end(ended);
    };

    const once = await waitForRun(apiOf(events, parked), 'run_1', terminal(false).err);
    const through = await waitForRun(apiOf(events, parked), 'run_1', terminal(false).err, {
      throughParks: true,
    });

    expect([once.status, through.status]).toEqual(['parked', 'succeeded']);
  });

  test('writes one line every 10 seconds where there is no terminal', async () => {
    jest.useFakeTimers();
    const { err, text } = terminal(false);
    const api = apiOf(async function* () {
      for (let second = 0; second < 35; second += 1) {
        yield progress(run('running', { landed: second }));
        await jest.advanceTimersByTimeAsync(1000);
      }
      yield end(run('succeeded'));
    });

    await waitForRun(api, 'run_1', err);

    expect(text().trimEnd().split('\n')).toEqual([
      'crm: 0 of 1 streams, 9 records',
      'crm: 0 of 1 streams, 19 records',
      'crm: 0 of 1 streams, 29 records',
    ]);
  });

  test('draws a bar on a terminal', async () => {
    const { err, text } = terminal(true);
    const api = apiOf(async function* () {
      yield progress(run('running', { landed: 50, expected: 100 }));
      yield end(run('succeeded'));
    });

    await waitForRun(api, 'run_1', err);

    expect(text()).toContain('====----');
    expect(text()).toContain('50 of about 100 records');
  });
});
