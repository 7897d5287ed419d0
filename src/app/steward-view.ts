import type { TenantTx } from '../db/store.ts';
import { factsOf } from '../ledger/facts.ts';
import { keepStandingFindings, type StandingDraft } from '../licensing/standing-findings.ts';
import { stewardStates, type OwnedSubject, type StewardState } from '../mapping/steward-states.ts';
import { ALL_OF_TYPE, listStewardships, StewardSubject } from '../mapping/stewards.ts';
import { liveVersions } from '../mapping/versions.ts';
import { listUsers } from '../security/users.ts';
import { SETTING_TOPICS } from './company-settings.ts';
import type { Deps } from './deps.ts';

type StewardDeps = Pick<Deps, 'mappings' | 'clock'>;

/** Who answers for each product, agreement, mapping and policy, and for all of a type where somebody is named for them. */
export async function stewardView(
  deps: StewardDeps,
  tx: TenantTx,
): Promise<readonly StewardState[]> {
  const named = await listStewardships(tx);
  const wide = StewardSubject.options.map((type) => ({
    type,
    id: ALL_OF_TYPE,
    title: `every ${type} that nobody is named for`,
    evidence: [],
  }));
  const subjects = [...wide, ...(await subjectsOf(deps, tx))];
  return stewardStates(subjects, named, await listUsers(tx), deps.clock.today());
}

/**
 * Brings the findings about missing stewards and overdue reviews up to date. A company that has never named a steward is
 * told so once for each type of things, and from the first one on for each thing.
 */
export async function keepStewardFindings(deps: StewardDeps, tx: TenantTx): Promise<void> {
  const states = (await stewardView(deps, tx)).filter(({ id }) => id !== ALL_OF_TYPE);
  const each = states.flatMap(draftsOf);
  const isNew = (await listStewardships(tx)).length === 0;
  const drafts = isNew
    ? [...unownedByType(states), ...each.filter(({ kind }) => kind !== 'unowned')]
    : each;
  await keepStandingFindings(tx, deps.clock.today(), drafts);
}

/** Ids that a summary names, and what shows that the things are there. */
const NAMED = 5;
const MOST_EVIDENCE = 200;

/** One finding for all things of a type that nobody answers for. */
function unownedByType(states: readonly StewardState[]): readonly StandingDraft[] {
  const unowned = Map.groupBy(states.filter((each) => each.unowned), ({ type }) => type); // prettier-ignore
  return [...unowned].map(([type, those]) => {
    const ids = those.slice(0, NAMED).map(({ id }) => id);
    const more = those.length > NAMED ? ` and ${those.length - NAMED} more` : '';
    const found = `Unowned: nobody answers for ${ids.join(', ')}${more} (${type}).`;
    return {
      kind: 'unowned',
      severity: 'low',
      subject: { type, id: ALL_OF_TYPE },
      sku: null,
      evidence: those.flatMap(({ evidence }) => evidence).slice(0, MOST_EVIDENCE),
      owner: null,
      summary: `${found} Name somebody for all of them: trueup stewards set ${type} '${ALL_OF_TYPE}' --person ID`,
    };
  });
}

function draftsOf(state: StewardState): readonly StandingDraft[] {
  const { type, id, title, evidence, steward, reviewDue, unowned, overdue } = state;
  const about = {
    subject: { type, id },
    sku: type === 'product' ? id : null,
    evidence: [...evidence],
    owner: unowned ? null : (steward?.id ?? null),
  };
  const gone = steward === null ? 'has no steward' : `has a steward who is no longer here (${steward.name})`; // prettier-ignore
  const fix = `trueup stewards set ${type} '${id}' --person ID`;
  return [
    ...(unowned
      ? [{ ...about, kind: 'unowned', severity: 'low', summary: `The ${type} ${title} ${gone}. Name one: ${fix}` } as const] // prettier-ignore
      : []),
    ...(overdue
      ? [{ ...about, kind: 'review_overdue', severity: 'medium', summary: `The review of the ${type} ${title} was due on ${reviewDue}. Look at it and say when next: ${fix} --review-due DATE` } as const] // prettier-ignore
      : []),
  ];
}

async function subjectsOf(deps: StewardDeps, tx: TenantTx): Promise<readonly OwnedSubject[]> {
  const skus = Map.groupBy(await factsOf(tx, 'sku'), ({ body }) => body.skuCode);
  const products = [...skus].map(([id, facts]) => ({
    type: 'product' as const,
    id,
    title: facts[0]?.body.name ?? id,
    evidence: facts.map(({ factId }) => factId).toSorted(),
  }));
  const agreements = (await factsOf(tx, 'agreement')).map(
    ({ factId, connection, externalRef, body }) => ({
      type: 'agreement' as const,
      id: `${connection}/${externalRef}`,
      title: body.number,
      evidence: [factId],
      stated: { steward: body.stewardRef ?? null, reviewDue: body.reviewDueAt ?? null },
    }),
  );
  const mappings = (await liveVersions(tx, deps.mappings)).map(
    ({ mappingId, version, document }) => ({
      type: 'mapping' as const,
      id: mappingId,
      title: document.title ?? mappingId,
      evidence: [`${mappingId}@${version}`],
    }),
  );
  const policies = SETTING_TOPICS.map((topic) => ({
    type: 'policy' as const,
    id: topic,
    title: topic,
    evidence: [`settings/${topic}`],
  }));
  return [...products, ...agreements, ...mappings, ...policies].toSorted((a, b) =>
    `${a.type}/${a.id}` < `${b.type}/${b.id}` ? -1 : 1,
  );
}
