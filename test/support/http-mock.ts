import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import nock from 'nock';

/** A request that no mock answered. */
interface Miss {
  readonly method: string;
  readonly url: string;
}

interface UnmatchedRequest {
  readonly method?: string;
  readonly url?: string;
  readonly path?: string;
  readonly options?: { readonly method?: string; readonly host?: string; readonly path?: string };
}

export interface HttpMock {
  /** Starts a mock of one origin, for example `mock.origin('https://example.test').get('/x')`. */
  readonly origin: (origin: string | RegExp) => nock.Scope;
}

function toMiss(request: UnmatchedRequest): Miss {
  const { options } = request;
  return {
    method: request.method ?? options?.method ?? 'GET',
    url: request.url ?? `${options?.host ?? ''}${request.path ?? options?.path ?? ''}`,
  };
}

/**
 * Gives the tests of one file recorded answers in place of a network. Call it once, at the top.
 * A test fails when it sends a request that no mock answers, and when a mock was never used.
 * Suites that talk to a real server on loopback do not use this.
 *
 * nock patches the `http` module that all files of one jest worker share. The patch is therefore
 * taken away after the file; left in place it appends its own 501 to the answers of the next file.
 */
export function mockHttp(): HttpMock {
  const misses: Miss[] = [];
  const onMiss = (request: UnmatchedRequest): void => void misses.push(toMiss(request));

  beforeAll(() => {
    if (!nock.isActive()) nock.activate();
    nock.disableNetConnect();
    nock.emitter.on('no match', onMiss);
  });
  beforeEach(() => {
    misses.length = 0;
  });
  afterEach(() => {
    const unused = nock.pendingMocks();
    nock.cleanAll();
    const problems = [
      ...misses.map((miss) => `no mock for ${miss.method} ${miss.url}`),
      ...unused.map((mock) => `mock never used: ${mock}`),
    ];
    if (problems.length > 0) throw new Error(`HTTP mocks do not fit:\n${problems.join('\n')}`);
  });
  afterAll(() => {
    nock.emitter.off('no match', onMiss);
    nock.enableNetConnect();
    nock.restore();
  });
  return { origin: (origin) => nock(origin) };
}
