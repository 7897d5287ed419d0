import { timingSafeEqual } from 'node:crypto';
import type { Store, TenantTx } from '../db/store.ts';
import { NotFoundError, UnauthenticatedError } from '../kernel/errors.ts';
import type { Caller } from './caller.ts';
import { parseKeyText } from './key-text.ts';
import { hashSecret } from './keys.ts';
import { permissionsOf, Role } from './permissions.ts';

interface KeyRow {
  readonly id: string;
  readonly hash: Uint8Array;
  readonly roles: readonly string[];
  readonly personId: string;
  readonly personName: string;
  readonly personRoles: readonly string[];
  readonly usable: boolean;
  readonly stale: boolean;
}

/** Compared with when there is no such key, so that its absence takes no less time. */
const NO_HASH = new Uint8Array(32);

/**
 * Who calls, by the text of an API key. Everything is read anew each time: a revoked key, a disabled person or a
 * lost role counts from the next request on. Throws one and the same UnauthenticatedError whatever is wrong.
 */
export async function authenticate(store: Store, text: string): Promise<Caller> {
  const parsed = parseKeyText(text);
  if (parsed === null) throw refused();
  try {
    return await store.withTenant(parsed.tenantId, async (tx) => {
      const row = await readKey(tx, parsed.keyId);
      const same = timingSafeEqual(hashSecret(parsed.secret), row?.hash ?? NO_HASH);
      if (row === undefined || !same || !row.usable) throw refused();
      if (row.stale)
        await tx.run(`update api_key k set last_used_at = app.clock() where k.id = $1`, [row.id]);
      const roles = row.roles
        .filter((role) => row.personRoles.includes(role))
        .map((role) => Role.parse(role));
      return {
        tenantId: parsed.tenantId,
        actor: `person:${row.personId}`,
        personId: row.personId,
        personName: row.personName,
        roles,
        permissions: permissionsOf(roles),
        keyId: row.id,
      };
    });
  } catch (error) {
    throw error instanceof NotFoundError ? refused() : error;
  }
}

async function readKey(tx: TenantTx, id: string): Promise<KeyRow | undefined> {
  const [row] = await tx.sql<KeyRow>(
    `select k.id, k.hash, k.roles, p.id as "personId", p.name as "personName",
       coalesce((select array_agg(r.role) from person_role r where r.person_id = p.id), '{}') as "personRoles",
       k.revoked_at is null and (k.expires_at is null or k.expires_at > app.clock()) and p.status = 'active' as usable,
       k.last_used_at is null or k.last_used_at < app.clock() - interval '1 minute' as stale
     from api_key k join person p on p.tenant_id = k.tenant_id and p.id = k.person_id where k.id = $1`,
    [id],
  );
  return row;
}

function refused(): UnauthenticatedError {
  return new UnauthenticatedError(
    'The API key is unknown, expired or revoked, or its person is disabled. Send a valid one as: Authorization: Bearer tru_…',
  );
}
