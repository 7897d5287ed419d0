import type { TenantTx } from '../../db/store.ts';
import { ForbiddenError, NotFoundError, StaleError, ValidationError } from '../../kernel/errors.ts';
import { hashJson, type JsonObject } from '../../kernel/hash.ts';
import { compareVersions, RuleSetDocument } from './rule-set-document.ts';

/** Rules that a company states itself, as one thing that is versioned. */
export interface RuleSet {
  readonly id: string;
  readonly title: string;
  readonly description: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
}

/** A version of a rule set on its way: worked on, handed in, approved. */
export interface RuleSetVersion {
  readonly ruleSet: string;
  readonly version: string;
  readonly status: 'draft' | 'submitted' | 'approved';
  readonly document: JsonObject;
  readonly contentHash: string;
  readonly authors: readonly string[];
  readonly savedAt: Date;
  readonly submittedBy: string | null;
  readonly submittedAt: Date | null;
  readonly approvedBy: string | null;
  readonly approvedAt: Date | null;
  readonly shadowId: string | null;
  readonly reason: string | null;
}

const SET = `r.id, r.title, r.description, r.created_by as "createdBy", r.created_at as "createdAt"`;
const VERSION = `v.rule_set as "ruleSet", v.version, v.status, v.document, v.content_hash as "contentHash", v.authors,
  v.saved_at as "savedAt", v.submitted_by as "submittedBy", v.submitted_at as "submittedAt", v.approved_by as "approvedBy",
  v.approved_at as "approvedAt", v.shadow_id as "shadowId", v.reason`;

/** Begins a rule set that says nothing yet. Throws StaleError for a name that is taken. */
export async function createRuleSet(
  tx: TenantTx,
  set: Pick<RuleSet, 'id' | 'title' | 'description' | 'createdBy'>,
): Promise<RuleSet> {
  const made = await tx.run(
    `insert into rule_set (tenant_id, id, title, description, created_by) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [tx.tenantId, set.id, set.title, set.description, set.createdBy],
  );
  if (made === 0) throw new StaleError(`There is a rule set "${set.id}" already. Edit it instead.`);
  return getRuleSet(tx, set.id);
}

/** Rule sets by name. */
export function listRuleSets(tx: TenantTx): Promise<readonly RuleSet[]> {
  return tx.sql<RuleSet>(`select ${SET} from rule_set r order by r.id`);
}

/** One rule set, locked where it is about to change. Throws NotFoundError. */
export async function getRuleSet(
  tx: TenantTx,
  id: string,
  lock: '' | 'for update' = '',
): Promise<RuleSet> {
  const [row] = await tx.sql<RuleSet>(`select ${SET} from rule_set r where r.id = $1 ${lock}`, [
    id,
  ]);
  if (row !== undefined) return row;
  throw new NotFoundError(`There is no rule set "${id}". \`trueup rules list\` shows those there are.`); // prettier-ignore
}

/** The versions of a rule set, the newest first. Throws NotFoundError. */
export async function versionsOf(
  tx: TenantTx,
  ruleSet: string,
): Promise<readonly RuleSetVersion[]> {
  await getRuleSet(tx, ruleSet);
  const rows = await tx.sql<RuleSetVersion>(
    `select ${VERSION} from rule_set_version v where v.rule_set = $1`,
    [ruleSet],
  );
  return rows.toSorted((left, right) => compareVersions(right.version, left.version));
}

/** One version; `draft` names the one that is worked on or handed in. Throws NotFoundError. */
export async function getVersion(
  tx: TenantTx,
  ruleSet: string,
  version: string,
): Promise<RuleSetVersion> {
  const versions = await versionsOf(tx, ruleSet);
  const found = versions.find((each) =>
    version === 'draft' ? each.status !== 'approved' : each.version === version,
  );
  if (found !== undefined) return found;
  throw new NotFoundError(
    version === 'draft'
      ? `Nobody works on a version of "${ruleSet}". Begin one: trueup rules edit ${ruleSet} FILE`
      : `The rule set "${ruleSet}" has no version ${version}. \`trueup rules show ${ruleSet}\` lists those it has.`,
  );
}

/** Reads a document. Throws ValidationError with each place that does not fit. */
export function parseRuleSet(document: unknown): RuleSetDocument {
  const parsed = RuleSetDocument.safeParse(document);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => ({
    pointer: `/${path.join('/')}`,
    message,
  }));
  throw new ValidationError(
    `This is no version of a rule set (trueup schema rule-set): ${problems.map(({ pointer, message }) => `${pointer} ${message}`).join('; ')}`,
    { details: { problems } },
  );
}

/**
 * Keeps what somebody works on: the first version after those that are approved, or in place of the one that is open, which is
 * a draft again then. Throws StaleError where the open one is not the one that they saw (`seen`: its hash, null for none), and
 * ValidationError for a version that is no later than an approved one.
 */
export async function saveDraft(
  tx: TenantTx,
  ruleSet: string,
  draft: {
    readonly document: JsonObject;
    readonly seen: string | null;
    readonly personId: string;
  },
): Promise<RuleSetVersion> {
  await getRuleSet(tx, ruleSet, 'for update');
  const { version } = parseRuleSet(draft.document);
  const versions = await versionsOf(tx, ruleSet);
  const open = versions.find(({ status }) => status !== 'approved');
  if ((open?.contentHash ?? null) !== draft.seen)
    throw new StaleError(
      `Somebody saved ${open === undefined ? `no draft of "${ruleSet}" that is still open` : `version ${open.version} of "${ruleSet}"`} meanwhile. Read it again: trueup rules show ${ruleSet} draft`,
    );
  const newest = versions.find(({ status }) => status === 'approved')?.version;
  if (newest !== undefined && compareVersions(version, newest) <= 0)
    throw new ValidationError(
      `Version ${version} is no later than ${newest}, which is approved. State a later one.`,
    );
  const contentHash = hashJson(draft.document);
  // Whoever wrote a part of it is an author until it is approved.
  const authors = [...new Set([...(open?.authors ?? []), draft.personId])].toSorted();
  if (open !== undefined) await dropOpen(tx, ruleSet, open.version);
  await tx.run(
    `insert into rule_set_version (tenant_id, rule_set, version, document, content_hash, authors, saved_by)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      tx.tenantId,
      ruleSet,
      version,
      JSON.stringify(draft.document),
      contentHash,
      authors,
      draft.personId,
    ],
  );
  return getVersion(tx, ruleSet, version);
}

/** What was tried of a draft goes with it: it says nothing about the next one. */
async function dropOpen(tx: TenantTx, ruleSet: string, version: string): Promise<void> {
  const of = [ruleSet, version];
  await tx.run(`delete from rule_set_shadow s where s.rule_set = $1 and s.version = $2`, of);
  await tx.run(`delete from rule_set_version v where v.rule_set = $1 and v.version = $2`, of);
}

/** Hands a draft in. Throws StaleError for one that is not a draft. */
export async function submitVersion(
  tx: TenantTx,
  { ruleSet, version }: Pick<RuleSetVersion, 'ruleSet' | 'version'>,
  personId: string,
): Promise<RuleSetVersion> {
  await getRuleSet(tx, ruleSet, 'for update');
  const { status } = await getVersion(tx, ruleSet, version);
  if (status !== 'draft')
    throw new StaleError(`Version ${version} of "${ruleSet}" is ${status} already.`);
  await tx.run(
    `update rule_set_version set status = 'submitted', submitted_by = $3, submitted_at = app.clock(), reason = null
     where rule_set = $1 and version = $2`,
    [ruleSet, version, personId],
  );
  return getVersion(tx, ruleSet, version);
}

/**
 * Approves what is handed in, over the shadow run that was looked at, or sends it back. Throws ForbiddenError for whoever wrote
 * a part of it or handed it in, and StaleError for what is not handed in or was tried anew since.
 */
export async function decideVersion(
  tx: TenantTx,
  { ruleSet, version }: Pick<RuleSetVersion, 'ruleSet' | 'version'>,
  decision: {
    readonly approved: boolean;
    readonly shadowId: string | null;
    readonly reason: string | null;
    readonly personId: string;
    readonly personName: string;
  },
): Promise<RuleSetVersion> {
  const { status, authors, submittedBy } = await getVersion(tx, ruleSet, version);
  if (status !== 'submitted')
    throw new StaleError(
      `Version ${version} of "${ruleSet}" is ${status}, and nothing was changed.`,
    );
  const { approved, personId } = decision;
  if (approved && [...authors, submittedBy].includes(personId))
    throw new ForbiddenError(
      `${decision.personName} wrote or handed in version ${version} of "${ruleSet}". Somebody else has to approve it.`,
    );
  if (approved)
    await tx.run(
      `update rule_set_version set status = 'approved', approved_by = $4, approved_at = app.clock(), shadow_id = $5, reason = $3
       where rule_set = $1 and version = $2`,
      [ruleSet, version, decision.reason, personId, decision.shadowId],
    );
  else
    await tx.run(
      `update rule_set_version set status = 'draft', submitted_by = null, submitted_at = null, reason = $3
       where rule_set = $1 and version = $2`,
      [ruleSet, version, decision.reason],
    );
  return getVersion(tx, ruleSet, version);
}
