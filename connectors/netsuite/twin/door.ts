import { setTimeout as delay } from 'node:timers/promises';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import type { Faults } from '../../../src/sdk/twin-kit/faults.ts';
import { problemReply } from './problem.ts';
import { RECORD_PATH } from './record.ts';
import { RECORD_TYPES, REST_NAMES } from './schema.ts';

/** How busy the account is: its pool of concurrent calls, and how long each of them takes at the least. */
export interface Load {
  readonly concurrency: number;
  readonly latencyMs: number;
}

/** The account's own login refusal; the same words stand for bad credentials and, at times, for overload. */
export function invalidLogin(accountId: string): TwinReply {
  const reply = problemReply(401, { code: 'INVALID_LOGIN', detail: 'Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at Setup > Users/Roles > User Management > View Login Audit Trail.' }); // prettier-ignore
  return {
    ...reply,
    headers: {
      ...reply.headers,
      'WWW-Authenticate': `OAuth realm="${accountId}", error="token_rejected"`,
    },
  };
}

function blocked(headers: Readonly<Record<string, string>> = {}): TwinReply {
  const reply = problemReply(429, {
    code: 'CONCURRENCY_LIMIT_EXCEEDED',
    detail: 'Concurrent request limit exceeded. Request blocked.',
  });
  return { ...reply, headers: { ...reply.headers, ...headers } };
}

/** The object that a request is about, as the fault plan names it; empty where it is about none. */
export function objectOf(request: TwinRequest): string {
  if (request.path.startsWith(`${RECORD_PATH}/`)) {
    const [name = ''] = request.path.slice(RECORD_PATH.length + 1).split('/');
    return Object.hasOwn(REST_NAMES, name) ? (REST_NAMES[name]?.object ?? '') : '';
  }
  const sql = request.rawBody.toString('utf8');
  const type = /\.type = '(\w+)'/.exec(sql)?.[1];
  const table = /\bFROM (\w+)/i.exec(sql)?.[1]?.toLowerCase();
  const named = RECORD_TYPES.find(({ object, transaction }) =>
    type === undefined ? object === table : transaction?.type === type,
  );
  return named?.object ?? '';
}

/**
 * Lets a request in. More calls at once than the pool holds are refused with 429, as are those that the fault plan
 * names (`limit`); `overload` answers with a login refusal, late, though the credentials are good.
 */
export function createDoor(
  faults: Faults,
  load: Load,
  accountId: string,
): (request: TwinRequest, run: () => Promise<TwinReply> | TwinReply) => Promise<TwinReply> {
  let inside = 0;
  return async (request, run) => {
    const object = objectOf(request);
    const limit = faults.fires('limit', object);
    if (limit !== undefined || inside >= load.concurrency) return blocked(limit?.headers);
    inside += 1;
    try {
      const overload = faults.fires('overload', object);
      if (overload !== undefined) {
        await delay(overload.delayMs ?? 0);
        return invalidLogin(accountId);
      }
      if (load.latencyMs > 0) await delay(load.latencyMs);
      return await run();
    } finally {
      inside -= 1;
    }
  };
}
