import type { TenantTx } from '../../db/store.ts';
import type { LocalDate } from '../../kernel/dates.ts';
import type { UsageDefinition } from './definition.ts';

const PSEUDONYM = '^sub_[a-z2-7]{26}$';

/**
 * Puts pseudonyms in the place of the accounts by which a definition counts, in the events of one day that came before
 * anybody knew that this member names a person. Afterwards one account has one name in all of them.
 */
export async function hideSubjects(
  tx: TenantTx,
  { eventType, subject }: UsageDefinition,
  day: LocalDate,
  pseudonymize: (name: string) => string,
): Promise<void> {
  const [head, ...path] = (subject?.path ?? '').split('.');
  if (subject?.type !== 'account' || (head !== 'data' && head !== 'attributes')) return;
  const window = `e.tenant_id = $1 and e.type = $2 and e.day = $3::date`;
  const place = [tx.tenantId, eventType, day, path] as const;
  const names = await tx.sql<{ readonly name: string }>(
    `select distinct e.${head} #>> $4::text[] as name from usage_event e
     where ${window} and e.${head} #>> $4::text[] !~ '${PSEUDONYM}'`,
    place,
  );
  if (names.length === 0) return;
  const pairs = names.map(({ name }) => ({ name, pseudonym: pseudonymize(name) }));
  await tx.run(
    `update usage_event e set ${head} = jsonb_set(e.${head}, $4::text[], to_jsonb(m.pseudonym))
     from jsonb_to_recordset($5::jsonb) as m(name text, pseudonym text)
     where ${window} and e.${head} #>> $4::text[] = m.name`,
    [...place, JSON.stringify(pairs)],
  );
}
