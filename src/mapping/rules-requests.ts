import type { TenantTx } from '../db/store.ts';
import { NotFoundError } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';

/** Somebody's wish to loosen how mappings come into effect: another administrator confirms it, or nobody does. */
export interface RulesRequest {
  readonly id: string;
  readonly rules: { readonly secondPerson: boolean };
  /** The tag of the rules that it was asked over. */
  readonly baseTag: string;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly state: 'waiting' | 'confirmed' | 'declined' | 'withdrawn' | 'overtaken';
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
}

const COLUMNS = `r.id, r.rules, r.base_tag as "baseTag", r.requested_by as "requestedBy", r.requested_at as "requestedAt",
  r.state, r.decided_by as "decidedBy", r.decided_at as "decidedAt"`;

/** Lets one at a time change or decide about the rules, until the end of the transaction. */
export async function lockRules(tx: TenantTx): Promise<void> {
  await tx.sql(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [
    `mapping-rules:${tx.tenantId}`,
  ]);
}

/** The request that waits, or null: there is one at most. */
export async function waitingRules(tx: TenantTx): Promise<RulesRequest | null> {
  const [row] = await tx.sql<RulesRequest>(
    `select ${COLUMNS} from mapping_rules_request r where r.state = 'waiting'`,
  );
  return row ?? null;
}

/** Keeps a request. The caller holds the rules and has seen that none waits. */
export async function openRulesRequest(
  tx: TenantTx,
  request: Pick<RulesRequest, 'rules' | 'baseTag' | 'requestedBy'>,
): Promise<RulesRequest> {
  const [row] = await tx.sql<RulesRequest>(
    `insert into mapping_rules_request as r (tenant_id, id, rules, base_tag, requested_by)
     values ($1, $2, $3, $4, $5) returning ${COLUMNS}`,
    [
      tx.tenantId,
      newId('rrq'),
      JSON.stringify(request.rules),
      request.baseTag,
      request.requestedBy,
    ],
  );
  if (row !== undefined) return row;
  throw new NotFoundError('The request vanished while it was saved.');
}

/** One request. Throws NotFoundError. */
export async function getRulesRequest(tx: TenantTx, id: string): Promise<RulesRequest> {
  const [row] = await tx.sql<RulesRequest>(
    `select ${COLUMNS} from mapping_rules_request r where r.id = $1`,
    [id],
  );
  if (row !== undefined) return row;
  throw new NotFoundError(`There is no request "${id}" about the rules of mappings.`);
}

/** Ends a request that waits. */
export async function endRulesRequest(
  tx: TenantTx,
  id: string,
  state: Exclude<RulesRequest['state'], 'waiting'>,
  person: string,
): Promise<void> {
  await tx.run(
    `update mapping_rules_request set state = $2, decided_by = $3, decided_at = app.clock()
     where id = $1 and state = 'waiting'`,
    [id, state, person],
  );
}
