import { appendAudit } from '../../audit/audit-log.ts';
import type { IdentityLink } from '../../canonical/identity-link.ts';
import type { TenantTx } from '../../db/store.ts';
import { NotFoundError, StaleError, ValidationError } from '../../kernel/errors.ts';
import type { Fact } from '../../ledger/fact.ts';
import { decideFacts, factsOf, lockWriter, OWN_CONNECTION } from '../../ledger/facts.ts';
import { byAccount } from '../../ledger/identity/identities.ts';
import type { Caller } from '../../security/caller.ts';
import type { Deps } from '../deps.ts';

/** A login, by the connection that holds it and its id there. */
export interface AccountPlace {
  readonly connection: string;
  readonly account: string;
}

/** Which logins are asked for. */
export interface LinkFilter {
  readonly connection?: string | undefined;
  readonly account?: string | undefined;
  readonly person?: string | undefined;
  readonly method?: IdentityLink['method'] | undefined;
}

/** Who every login is held to be, by which rule or whose word and on what evidence, by connection and login. */
export function listIdentityLinks(
  deps: Deps,
  caller: Caller,
  { connection, account, person, method }: LinkFilter,
): Promise<readonly IdentityLink[]> {
  const where = {
    ...(connection === undefined ? {} : { accountConnection: connection }),
    ...(account === undefined ? {} : { accountRef: account }),
    ...(person === undefined ? {} : { personRef: person }),
    ...(method === undefined ? {} : { method }),
  };
  return deps.store.readTenant(caller.tenantId, async (tx) =>
    (await factsOf(tx, 'identityLink', { where }))
      .map(({ body }) => body)
      .toSorted((left, right) => (left.externalRef < right.externalRef ? -1 : 1)),
  );
}

/**
 * Says by hand whose a login is, against every rule, until it is undone: a person that logins or the HR system name already, or
 * nobody else's, where rules had merged two people (`person` null). Counts from the next reconciliation on; runs of before stay as
 * they were. Throws NotFoundError for a login or a person that nobody knows, ValidationError for a login of no human.
 */
export function linkIdentity(
  deps: Deps,
  caller: Caller,
  input: AccountPlace & { readonly person: string | null; readonly reason: string },
): Promise<IdentityLink> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await lockWriter(tx, OWN_CONNECTION);
    const account = await accountAt(tx, input);
    const externalRef = byAccount(input.connection, input.account);
    if (account.body.kind !== 'human')
      throw new ValidationError(`${externalRef} is a ${account.body.kind} login, which belongs to nobody. Its source says so.`); // prettier-ignore
    const person = input.person ?? `person:${externalRef}`;
    if (input.person !== null) await requirePerson(tx, input.person);
    const before = await linkAt(tx, externalRef);
    const link: IdentityLink = {
      externalRef,
      accountConnection: input.connection,
      accountRef: input.account,
      personRef: person,
      method: 'manual',
      confidence: 1,
      decidedBy: caller.actor,
      evidence: [account.factId],
    };
    await decideFacts(tx, 'identityLink', [link], { externalRefs: [externalRef] });
    await audit(tx, caller, 'identity.linked', externalRef, {
      person,
      was: before?.personRef ?? null,
      by: before?.method ?? null,
      reason: input.reason,
    });
    return link;
  });
}

/** Takes a person's word about a login back: the rules decide again. Throws NotFoundError, and StaleError where a rule decided. */
export function undoIdentityLink(
  deps: Deps,
  caller: Caller,
  input: AccountPlace & { readonly reason: string },
): Promise<IdentityLink> {
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    await lockWriter(tx, OWN_CONNECTION);
    const externalRef = byAccount(input.connection, input.account);
    const link = await linkAt(tx, externalRef);
    if (link === null)
      throw new NotFoundError(`Nobody is held to be ${externalRef}. See \`trueup people links\`.`);
    if (link.method !== 'manual')
      throw new StaleError(
        `${externalRef} is ${link.personRef} by the rule ${link.method}, and by nobody's word. To part them, link the login apart.`,
      );
    await decideFacts(tx, 'identityLink', [], { externalRefs: [externalRef] });
    await audit(tx, caller, 'identity.unlinked', externalRef, { person: link.personRef, reason: input.reason }); // prettier-ignore
    return link;
  });
}

async function accountAt(
  tx: TenantTx,
  { connection, account }: AccountPlace,
): Promise<Fact<'userAccount'>> {
  const found = await factsOf(tx, 'userAccount', { connection, refs: [account] });
  if (found[0] !== undefined) return found[0];
  throw new NotFoundError(`"${connection}" holds no login "${account}". Name it as its system does, by its id.`); // prettier-ignore
}

async function requirePerson(tx: TenantTx, person: string): Promise<void> {
  const known = await factsOf(tx, 'person', { refs: [person] });
  const spell = /^person:([^/]+)\/(.+)$/.exec(person);
  if (known.length > 0) return;
  const [, connection = '', number = ''] = spell ?? [];
  const employed = await factsOf(tx, 'employmentSpell', { connection, where: { employeeNumber: number } }); // prettier-ignore
  if (spell !== null && employed.length > 0) return;
  throw new NotFoundError(`Nobody is "${person}": neither a login nor the HR system names that person. \`trueup people links\` shows the keys.`); // prettier-ignore
}

async function linkAt(tx: TenantTx, externalRef: string): Promise<IdentityLink | null> {
  const [link] = await factsOf(tx, 'identityLink', { refs: [externalRef] });
  return link?.body ?? null;
}

function audit(
  tx: TenantTx,
  caller: Caller,
  action: 'identity.linked' | 'identity.unlinked',
  id: string,
  details: Readonly<Record<string, string | null>>,
): Promise<void> {
  return appendAudit(tx, {
    actor: caller.actor,
    action,
    subject: { type: 'account', id },
    details: { ...details },
  });
}
