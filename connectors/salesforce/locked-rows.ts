import { setTimeout as delay } from 'node:timers/promises';
import type { Draft } from './drafts.ts';

/** The vendor's word for a row, or its parent, that somebody else is writing. Nothing of the item was applied. */
const LOCKED = 'UNABLE_TO_LOCK_ROW';
/** So many parents are tried again at once; what is left waits for its next turn. */
const MOST_PARENTS = 10;
/** Waits before them are random parts of this. Locks last as long as a save. */
const WAIT_MS = 400;

/** The account whose row a write locks along with its own: Salesforce locks parents of what it writes. */
function parentOf({ request, body }: Draft): string {
  const { AccountId: account } = body;
  return typeof account === 'string' ? account : (request.vendorId ?? '');
}

/** Records of one account stand together, so that no two chunks of a batch want the same parent. */
export function byParent(drafts: readonly Draft[]): readonly Draft[] {
  const rank = new Map<string, number>();
  for (const each of drafts) {
    const parent = parentOf(each);
    if (!rank.has(parent)) rank.set(parent, rank.size);
  }
  const of = (each: Draft): number => rank.get(parentOf(each)) ?? 0;
  return drafts.toSorted((a, b) => of(a) - of(b));
}

/** Sends what found its row locked once more: account by account, one after the other, each after a random wait. */
export async function retryLocked(
  drafts: readonly Draft[],
  send: (drafts: readonly Draft[]) => Promise<void>,
): Promise<void> {
  const locked = drafts.filter(({ result }) => result?.kind === 'retry' && result.code === LOCKED);
  const groups = [...Map.groupBy(locked, parentOf).values()].slice(0, MOST_PARENTS);
  for (const group of groups) {
    await delay(WAIT_MS * Math.random());
    for (const each of group) each.result = null;
    await send(group);
  }
}
