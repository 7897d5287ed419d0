import type { ErrorMember } from '../../intake/quarantine-groups.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';
import { errorGroup, errorGroups, membersOf, type ErrorGroup } from '../error-groups.ts';

const MEMBERS = 500;

/** What waits for a person, by cause, newest first; causes that are left alone only if asked for. */
export function listErrorGroups(
  deps: Pick<Deps, 'store' | 'mappings'>,
  caller: Caller,
  filter: {
    readonly state?: 'open' | 'ignored' | 'all' | undefined;
    readonly class?: ErrorGroup['class'] | undefined;
    readonly system?: string | undefined;
    readonly owner?: string | undefined;
    readonly mapping?: string | undefined;
  },
): Promise<readonly ErrorGroup[]> {
  const { state = 'open', system, owner, mapping } = filter;
  return deps.store.readTenant(caller.tenantId, async (tx) =>
    (await errorGroups(deps, tx)).filter(
      (group) =>
        (state === 'all' || group.state === state) &&
        (filter.class === undefined || group.class === filter.class) &&
        (system === undefined || group.system === system) &&
        (owner === undefined || group.owner?.id === owner) &&
        (mapping === undefined || group.mappingId === mapping),
    ),
  );
}

/** One cause with at most 500 of what waits for it. Throws NotFoundError. */
export function showErrorGroup(
  deps: Pick<Deps, 'store' | 'mappings'>,
  caller: Caller,
  id: string,
): Promise<ErrorGroup & { readonly members: readonly ErrorMember[] }> {
  return deps.store.readTenant(caller.tenantId, async (tx) => {
    const group = await errorGroup(deps, tx, id);
    return { ...group, members: await membersOf(tx, group, MEMBERS) };
  });
}
