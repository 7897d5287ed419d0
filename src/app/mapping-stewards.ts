import type { TenantTx } from '../db/store.ts';
import { ALL_OF_TYPE, listStewardships } from '../mapping/stewards.ts';
import { listUsers } from '../security/users.ts';

/** Who answers for a mapping with all its fields, and when it is to be looked at again. */
export interface MappingStewarding {
  /** Who was named, here or not. */
  readonly steward: string | null;
  /** Who was named and is here; null for a mapping that is unowned. */
  readonly owner: { readonly id: string; readonly name: string } | null;
  readonly reviewDue: string | null;
}

/** Who was named for each mapping, else for all of them. */
export async function mappingStewards(tx: TenantTx): Promise<(id: string) => MappingStewarding> {
  const named = (await listStewardships(tx)).filter(({ type }) => type === 'mapping');
  const byId = new Map(named.map((each) => [each.id, each]));
  const ofType = byId.get(ALL_OF_TYPE);
  const here = new Map(
    (await listUsers(tx)).flatMap(({ id, name, status }) =>
      status === 'active' ? [[id, { id, name }] as const] : [],
    ),
  );
  return (id) => {
    const steward = byId.get(id)?.personId ?? ofType?.personId ?? null;
    return {
      steward,
      owner: here.get(steward ?? '') ?? null,
      reviewDue: byId.get(id)?.reviewDue ?? ofType?.reviewDue ?? null,
    };
  };
}
