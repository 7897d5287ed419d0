import { z } from 'zod';
import { NotFoundError, StaleError, ValidationError } from '../kernel/errors.ts';
import { isUniqueViolation } from './pg-errors.ts';
import type { Store } from './store.ts';
import { requireTenantId } from './tenant-id.ts';

/** A company whose data is kept apart from every other company's. The id never changes. */
export const Tenant = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.date(),
});
export type Tenant = Readonly<z.infer<typeof Tenant>>;

interface NewTenant {
  readonly id: string;
  readonly name: string;
}

const COLUMNS = `tenant.id, tenant.name, tenant.created_at as "createdAt"`;

/** Adds a tenant. ValidationError for an id that is no slug or an empty name, StaleError if the id is taken. */
export async function createTenant(store: Store, wanted: NewTenant): Promise<Tenant> {
  const id = requireTenantId(wanted.id);
  const name = wanted.name.trim();
  if (name === '') throw new ValidationError(`The company "${id}" needs a name.`);
  try {
    return await store.asOwner(async (tx) => {
      const rows = await tx.sql<Tenant>(
        `insert into public.tenant (id, name) values ($1, $2) returning ${COLUMNS}`,
        [id, name],
      );
      return Tenant.parse(rows[0]);
    });
  } catch (error) {
    if (!isUniqueViolation(error, 'tenant_pkey')) throw error;
    throw new StaleError(`There is already a company "${id}". Choose another id.`, {
      cause: error,
    });
  }
}

/** Adds the tenant unless it exists, and returns it: the first start makes `default` so. */
export async function ensureTenant(store: Store, wanted: NewTenant): Promise<Tenant> {
  await store.asOwner((tx) =>
    tx.run('insert into public.tenant (id, name) values ($1, $2) on conflict (id) do nothing', [
      requireTenantId(wanted.id),
      wanted.name,
    ]),
  );
  return await getTenant(store, wanted.id);
}

/** All tenants, by id. */
export async function listTenants(store: Store): Promise<readonly Tenant[]> {
  return await store.asOwner(async (tx) => {
    const rows = await tx.sql<Tenant>(`select ${COLUMNS} from public.tenant order by tenant.id`);
    return rows.map((row) => Tenant.parse(row));
  });
}

/** One tenant. NotFoundError if there is none of that id. */
export async function getTenant(store: Store, id: string): Promise<Tenant> {
  return await store.asOwner(async (tx) => {
    const rows = await tx.sql<Tenant>(`select ${COLUMNS} from public.tenant where tenant.id = $1`, [
      id,
    ]);
    const row = rows[0];
    if (row !== undefined) return Tenant.parse(row);
    throw new NotFoundError(`There is no company "${id}". List them with: trueup tenants list.`);
  });
}
