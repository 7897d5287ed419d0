import type { RenewalTerm } from '../../canonical/renewal-term.ts';
import { addDays } from '../../kernel/dates.ts';
import { factsOf } from '../../ledger/facts.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** Renewals in the order of their notice deadlines; `withinDays` keeps those that start within so many days. */
export function listRenewals(
  deps: Deps,
  caller: Caller,
  filter: { readonly withinDays?: number | undefined; readonly limit: number },
): Promise<readonly RenewalTerm[]> {
  const until =
    filter.withinDays === undefined ? '9999-12-31' : addDays(deps.clock.today(), filter.withinDays);
  return deps.store.readTenant(caller.tenantId, async (tx) =>
    (await factsOf(tx, 'renewalTerm'))
      .map((fact) => fact.body)
      .filter((term) => term.renewalFrom <= until)
      .toSorted((a, b) =>
        a.noticeDeadline + a.externalRef < b.noticeDeadline + b.externalRef ? -1 : 1,
      )
      .slice(0, filter.limit),
  );
}
