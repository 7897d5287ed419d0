import type { FaultRule, StateAction } from '../../../src/sdk/twin-kit/faults.ts';
import type { TwinReply } from '../../../src/sdk/twin-kit/exchange.ts';
import type { TwinCore } from '../../../src/sdk/twin-kit/twin-core.ts';
import { textOf } from './attribute-path.ts';
import type { Endpoint, ResourceStore } from './resource-store.ts';
import { ERROR_SCHEMA, reply } from './scim-error.ts';
import { GROUP_SCHEMA, USER_SCHEMA } from './scim-schemas.ts';

/**
 * The state faults of a directory. `page_shift` moves rows before a page that is not the first:
 * `with: { delete, insert, rotate }` says how many of the first rows vanish (1), how many new ones come at the end (1),
 * and by how many places that one answer is out of order (0). `limit` answers 429, `overload` 503, with the rule's own
 * headers; `revoke` ends the token for good; `expire_locator` makes a cursor expire.
 */
export const ACTIONS: readonly StateAction[] = [
  'drop_record',
  'page_shift',
  'limit',
  'overload',
  'revoke',
  'expire_locator',
];

function refusal(
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>>,
): TwinReply {
  return reply(status, { schemas: [ERROR_SCHEMA], status: String(status), detail }, headers);
}

/** The answer of a directory that has had enough, or is down for now; undefined while it is well. */
export function refusalOf(
  core: TwinCore,
  endpoint: string,
  tooMany: Readonly<Record<string, string>>,
): TwinReply | undefined {
  const limit = core.faults.fires('limit', endpoint);
  if (limit !== undefined) return refusal(429, 'Too many requests.', limit.headers ?? tooMany);
  const overload = core.faults.fires('overload', endpoint);
  if (overload !== undefined) return refusal(503, 'Come back later.', overload.headers ?? {});
  return undefined;
}

const numberIn = (rule: FaultRule, name: string, fallback: number): number => {
  const value = rule.with?.[name];
  return typeof value === 'number' ? value : fallback;
};

/**
 * Moves rows between two pages, as people do who come and go while a list is read. Returns by how many places this one
 * answer is out of order.
 */
export function shiftRows(core: TwinCore, store: ResourceStore, endpoint: Endpoint): number {
  const rule = core.faults.fires('page_shift', endpoint);
  if (rule === undefined) return 0;
  const first = store.all(endpoint).slice(0, numberIn(rule, 'delete', 1));
  for (const row of first) store.remove(endpoint, textOf(row['id']));
  for (let at = 0; at < numberIn(rule, 'insert', 1); at += 1) {
    const name = `Joined between pages ${store.created() + 1}`;
    const schemas = [endpoint === 'Users' ? USER_SCHEMA : GROUP_SCHEMA];
    const userName = `${name.toLowerCase().replaceAll(' ', '.')}@example.test`;
    const names = endpoint === 'Users' ? { userName, active: true } : {};
    store.create(endpoint, { schemas, displayName: name, ...names });
  }
  return numberIn(rule, 'rotate', 0);
}
