import type { TenantTx } from '../../db/store.ts';
import { ForbiddenError, StaleError, ValidationError } from '../../kernel/errors.ts';
import type { CyclePolicy } from './cycle-policy.ts';
import type { CycleRecord } from './cycle-record.ts';
import { moveCycle, noteStep, openRound, variancesOf, type Cycle } from './cycles.ts';
import { stateRound, type Statement } from './statement.ts';

/** The statement of the present round: the one that was signed, or what would be signed now. Throws StaleError before there is one. */
export async function statementOf(
  tx: TenantTx,
  cycle: Cycle,
  record: CycleRecord,
): Promise<Statement> {
  const { now } = cycle;
  if (now !== null && now.statement !== null && now.statementHash !== null)
    return { body: JSON.parse(now.statement), text: now.statement, hash: now.statementHash };
  const round = openRound(cycle);
  return stateRound({
    cycle: record,
    run: { id: round.runId, asOf: round.asOf, knownAt: round.knownAt.toISOString() },
    gate: { streams: round.gate, acceptedBy: round.askedBy, reason: round.gateReason },
    content: round.content,
    variances: await variancesOf(tx, cycle),
    decisions: record.decisions,
    tasks: record.tasks,
  });
}

/** True once everybody has signed who has to. */
export function isComplete(
  policy: CyclePolicy,
  signed: readonly { readonly role: string }[],
): boolean {
  const roles = new Set(signed.map(({ role }) => role));
  return policy.signers.every((role) => roles.has(role));
}

/** Who wants to sign what. */
export interface Signature {
  readonly role: CyclePolicy['signers'][number];
  /** The hash of the statement that the person read. */
  readonly statementHash: string;
  readonly personId: string;
  readonly personName: string;
  readonly roles: readonly string[];
}

/**
 * Checks a signature by the policy: a role that signs, which the person has, once for a role and once by a person, under the
 * statement as it stands; and at least one signer who neither owns the cycle nor computed it. Pure. Throws ForbiddenError, StaleError
 * and ValidationError.
 */
export function requireMaySign(
  policy: CyclePolicy,
  signature: Signature,
  cycle: {
    readonly owner: string;
    readonly computedBy: string;
    readonly statementHash: string;
    readonly signOffs: readonly { readonly role: string; readonly person: string }[];
  },
): void {
  const { role, personId, personName } = signature;
  const { signOffs } = cycle;
  if (!policy.signers.includes(role))
    throw new ValidationError(
      `Nobody signs cycles as ${role} here: ${policy.signers.join(' and ')} do.`,
    );
  if (!signature.roles.includes(role))
    throw new ForbiddenError(`${personName} uses a key without the role ${role}, so somebody else signs for it.`); // prettier-ignore
  if (signOffs.some((each) => each.person === personId))
    throw new ForbiddenError(`${personName} has signed already. Another person signs as ${role}.`);
  if (signOffs.some((each) => each.role === role))
    throw new StaleError(`Somebody has signed as ${role} already.`);
  if (signature.statementHash !== cycle.statementHash)
    throw new StaleError(
      `The statement is no longer the one that was read (${signature.statementHash.slice(0, 12)}…): it is ${cycle.statementHash.slice(0, 12)}…. Read it again before you sign.`,
    );
  const people = [...signOffs.map(({ person }) => person), personId];
  const involved = new Set([cycle.owner, cycle.computedBy]);
  const last = isComplete(policy, [...signOffs, { role }]);
  if (policy.independentSigner && last && people.every((person) => involved.has(person)))
    throw new ForbiddenError(
      `${personName} owns the cycle or computed it, and so did everybody else who signed. Somebody who did neither has to sign as ${role}.`,
    );
}

/** Keeps a signature that may be given, and says whether the cycle is signed off by it. The first one freezes the statement. */
export async function keepSignature(
  tx: TenantTx,
  cycle: Cycle,
  given: {
    readonly signature: Signature;
    readonly statement: Statement;
    readonly complete: boolean;
  },
): Promise<void> {
  const { signature, statement, complete } = given;
  await tx.run(
    `update cycle_round set statement = $3, statement_hash = $4, signed_off_at = case when $5 then app.clock() end
     where cycle_id = $1 and round = $2`,
    [cycle.id, cycle.round, statement.text, statement.hash, complete],
  );
  await tx.run(
    `insert into cycle_sign_off (tenant_id, cycle_id, round, role, person_id, statement_hash) values ($1, $2, $3, $4, $5, $6)`,
    [tx.tenantId, cycle.id, cycle.round, signature.role, signature.personId, statement.hash],
  );
  const by = signature.personId;
  await moveCycle(tx, cycle.id, { status: complete ? 'signed_off' : 'in_review' });
  await noteStep(tx, cycle, { step: `signed as ${signature.role}`, by, reason: null });
  if (complete) await noteStep(tx, cycle, { step: 'signed_off', by, reason: null });
}
