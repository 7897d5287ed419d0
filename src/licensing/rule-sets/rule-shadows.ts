import type { TenantTx } from '../../db/store.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import { InternalError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { RuleSetVersion } from './rule-sets.ts';
import type { RuleShadow } from './shadow-rules.ts';

/** What a version would do to the positions of one day, as tried once. */
export interface KeptShadow extends RuleShadow {
  readonly id: string;
  readonly version: string;
  /** Of the content that was tried. */
  readonly contentHash: string;
  readonly asOf: LocalDate;
  readonly knownAt: Date;
  readonly runBy: string;
  readonly runAt: Date;
}

const COLUMNS = `s.id, s.version, s.content_hash as "contentHash", s.as_of::text as "asOf", s.known_at as "knownAt",
  s.result, s.result_hash as "resultHash", s.run_by as "runBy", s.run_at as "runAt"`;

type Row = Omit<KeptShadow, keyof RuleShadow> & {
  readonly result: Omit<RuleShadow, 'resultHash'>;
  readonly resultHash: string;
};

/** Keeps what a version would do. */
export async function keepShadow(
  tx: TenantTx,
  { ruleSet, version, contentHash }: RuleSetVersion,
  run: {
    readonly shadow: RuleShadow;
    readonly asOf: LocalDate;
    readonly knownAt: Date;
    readonly personId: string;
  },
): Promise<KeptShadow> {
  const { resultHash, ...result } = run.shadow;
  await tx.run(
    `insert into rule_set_shadow (tenant_id, id, rule_set, version, content_hash, as_of, known_at, result, result_hash, run_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      tx.tenantId,
      newId('rsh'),
      ruleSet,
      version,
      contentHash,
      run.asOf,
      run.knownAt,
      JSON.stringify(result),
      resultHash,
      run.personId,
    ],
  );
  const kept = await newestShadow(tx, { ruleSet, version });
  if (kept === null) throw new InternalError(`The shadow run of ${ruleSet} ${version} is gone.`);
  return kept;
}

/** What a version was last seen to do; null before it was tried. */
export async function newestShadow(
  tx: TenantTx,
  { ruleSet, version }: Pick<RuleSetVersion, 'ruleSet' | 'version'>,
): Promise<KeptShadow | null> {
  const [row] = await tx.sql<Row>(
    `select ${COLUMNS} from rule_set_shadow s where s.rule_set = $1 and s.version = $2 order by s.id desc limit 1`,
    [ruleSet, version],
  );
  if (row === undefined) return null;
  const { result, ...rest } = row;
  return { ...rest, ...result };
}
