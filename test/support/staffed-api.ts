import pg from 'pg';
import type { TenantTx } from '../../src/db/store.ts';
import { savePlan } from '../../src/delivery/plans.ts';
import type { Role } from '../../src/security/permissions.ts';
import { testApi, type Answer, type TestApi } from './api.ts';

/** The API of one company with people who sign in by name, and a door for what only time or a vendor could bring about. */
export interface StaffedApi {
  readonly api: TestApi;
  /** Changes rows past every guard of the database. */
  readonly admin: pg.Client;
  /** Ids of the people, by name. */
  readonly people: ReadonlyMap<string, string>;
  readonly call: (who: string, method: string, path: string, body?: unknown) => Promise<Answer>;
  keyOf(who: string): string;
  readonly inTx: <T>(fn: (tx: TenantTx) => Promise<T>) => Promise<T>;
  /** An approved plan about a subject, with its total in euros; returns its id. */
  planOf(subject: string, amount: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts it with these people. */
export async function staffedApi(
  staff: Readonly<Record<string, readonly Role[]>>,
): Promise<StaffedApi> {
  const api = await testApi();
  const admin = new pg.Client({ connectionString: api.database.adminUrl });
  await admin.connect();
  await admin.query(`set session_replication_role = replica`);
  const keys = new Map<string, string>();
  const people = new Map<string, string>();
  for (const [name, roles] of Object.entries(staff)) {
    const { id, key } = await api.person('acme', roles, name);
    keys.set(name, key);
    people.set(name, id);
  }
  const inTx: StaffedApi['inTx'] = (fn) => api.deps.store.withTenant('acme', fn);
  return {
    api,
    admin,
    people,
    inTx,
    keyOf: (who) => keys.get(who) ?? '',
    call: (who, method, path, body) =>
      api.call(method, `/api/v1/${path}`, {
        key: keys.get(who),
        ...(body === undefined ? {} : { body }),
      }),
    planOf: (subject, amount) =>
      inTx(async (tx) => {
        const { plan } = await savePlan(tx, {
          kind: 'closed_won',
          subject,
          hash: `hash of ${subject}`,
          body: { total: { amount, currency: 'EUR' } },
          blocked: false,
          approvedByPolicy: true,
        });
        return plan.id;
      }),
    close: async () => {
      await admin.end();
      await api.close();
    },
  };
}
