import { afterEach, beforeEach } from '@jest/globals';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import { FIXTURE_TOKEN, scimFixtureWorld } from '../../connectors/scim/twin/fixture-world.ts';
import twin from '../../connectors/scim/twin/index.ts';

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // The bodies of a foreign protocol: each test says what it expects.
  readonly body: Record<string, never>;
}

/** A SCIM twin for each test of a file, and calls to it. */
export function useScimTwin() {
  let running: RunningTwin;

  beforeEach(async () => {
    running = await twin.start({
      world: scimFixtureWorld(25),
      planted: [],
      port: 0,
      startAt: '2026-03-02T08:00:00Z',
      seed: 1,
    });
  });
  afterEach(() => running.stop());

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${running.url}/scim/v2${path}`, {
      method,
      headers: {
        authorization: `Bearer ${FIXTURE_TOKEN}`,
        'content-type': 'application/scim+json',
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: JSON.parse(text || '{}') };
  }

  const get = (path: string): Promise<Answer> => call('GET', path);
  const filtered = async (filter: string): Promise<readonly string[]> => {
    const { body } = await get(`/Users?count=200&filter=${encodeURIComponent(filter)}`);
    const rows: readonly { id: string }[] = body['Resources'] ?? [];
    return rows.map(({ id }) => id);
  };
  const patch = (id: string, ...operations: readonly unknown[]): Promise<Answer> =>
    call('PATCH', `/Users/${id}`, { schemas: [PATCH], Operations: operations });
  const control = (path: string, method: string, body: unknown): Promise<Response> =>
    fetch(`${running.control}/${path}`, { method, body: JSON.stringify(body) });
  /** Stops the twin and puts another one in its place. */
  const replace = async (options: Parameters<typeof twin.start>[0]): Promise<void> => {
    await running.stop();
    running = await twin.start(options);
  };
  return { call, get, filtered, patch, control, running: () => running, replace };
}
