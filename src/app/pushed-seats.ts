import * as z from 'zod';
import { appendAudit } from '../audit/audit-log.ts';
import type { TenantTx } from '../db/store.ts';
import { usersWithin } from '../intake/directory-members.ts';
import { ForbiddenError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import { factsOf } from '../ledger/facts.ts';
import { buildCatalogue } from '../licensing/catalogue.ts';
import type { SeatAnswer } from '../licensing/seat-answer.ts';
import {
  endSeatRequests,
  keepSeatRequest,
  standingRequest,
  type SeatClaim,
} from '../licensing/seat-requests.ts';
import type { DirectoryCaller } from '../security/directory-tokens.ts';
import { companySetting, settingVersion } from './company-settings.ts';
import type { Deps } from './deps.ts';
import { takeTurnWithSeats } from './seat-allowance.ts';
import { productsOfGroup } from './licence-groups.ts';
import { seatLimitsNow, type LoginClaim, type SeatLimitsNow } from './seat-limits.ts';

/** A pushed user as it was and shall be. */
interface PushedUser {
  readonly id: string;
  readonly before: JsonObject;
  readonly after: JsonObject;
}

/** A group of a directory with the members that it had and shall have. */
interface PushedGroup {
  readonly connection: string;
  readonly id: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Seats of one product that a push asks for, and how their answer is found. */
interface Wanted {
  readonly product: string;
  readonly claims: readonly LoginClaim[];
  answer(now: SeatLimitsNow, open: readonly LoginClaim[]): SeatAnswer;
}

/** A seat that a push asked for and did not get. */
interface RefusedSeat {
  readonly claim: SeatClaim;
  readonly answer: SeatAnswer;
}

/**
 * Asks the limits of their pools about the licences that a pushed user gets, as if a person had asked for each. Gives the
 * warnings. Throws ForbiddenError for a push that gives a seat which is blocked or waits for a person: nothing of it is taken in,
 * and the same push passes once the seat is granted. Limits are asked only where the company has decided about them.
 */
export async function admitSeats(
  deps: Pick<Deps, 'clock' | 'registry'>,
  tx: TenantTx,
  { connection }: Pick<DirectoryCaller, 'connection'>,
  { id, before, after }: PushedUser,
): Promise<readonly string[]> {
  const [had, has] = [licencesOf(before), licencesOf(after)];
  const [taken, given] = [had.difference(has), has.difference(had)];
  if (taken.size + given.size === 0 || (await settingVersion(tx, 'pools')) === 0) return [];
  const catalogue = buildCatalogue([], await factsOf(tx, 'skuAlias'), deps.clock.today());
  const products = (codes: ReadonlySet<string>): readonly string[] => [
    ...new Set([...codes].map((code) => catalogue.resolve(connection, code))),
  ];
  const was = { connection, userName: nameOf(before) };
  await endSeatRequests(
    tx,
    products(taken).map((product) => ({ ...was, product })),
  );
  if (given.size === 0) return [];
  await takeTurnWithSeats(tx);
  const wanted = products(given).map((product): Wanted => {
    const claims = [{ connection, userName: nameOf(after), product, userRef: id }];
    return { product, claims, answer: (now, open) => now.answer(product, open) };
  });
  return decide(tx, await seatLimitsNow(deps, tx), wanted);
}

/**
 * The same for the members that join a group for which rights are set aside, or which is inside of one; those of groups that
 * join it, too.
 */
export async function admitMembers(
  deps: Pick<Deps, 'clock' | 'registry'>,
  tx: TenantTx,
  { connection, id, before, after }: PushedGroup,
): Promise<readonly string[]> {
  const [joined, left] = [new Set(after).difference(new Set(before)), new Set(before).difference(new Set(after))]; // prettier-ignore
  if (joined.size + left.size === 0 || (await settingVersion(tx, 'pools')) === 0) return [];
  const place = { connection, where: { subjectType: 'group' } };
  if ((await factsOf(tx, 'allocation', place)).length === 0) return [];
  await takeTurnWithSeats(tx);
  const now = await seatLimitsNow(deps, tx);
  const products = productsOfGroup(now.snapshot, now.catalogue, { connection, id });
  const claimsOf = async (members: ReadonlySet<string>, product: string) =>
    (await usersWithin(tx, connection, [...members])).map(({ id: userRef, userName }) => ({ connection, userName, product, userRef })); // prettier-ignore
  const wanted: Wanted[] = [];
  for (const product of products) {
    await endSeatRequests(tx, await claimsOf(left, product));
    const claims = await claimsOf(joined, product);
    const group = { connection, id, members: after };
    wanted.push({ product, claims, answer: () => now.answerGroup(product, group) });
  }
  return decide(tx, now, wanted);
}

/** Seats that were granted pass; the others are answered product by product, all or none. */
async function decide(
  tx: TenantTx,
  now: SeatLimitsNow,
  wanted: readonly Wanted[],
): Promise<readonly string[]> {
  const refused: RefusedSeat[] = [];
  const warnings: string[] = [];
  for (const each of wanted) {
    const open: LoginClaim[] = [];
    for (const claim of each.claims) {
      const standing = await standingRequest(tx, claim);
      if (standing?.status === 'waiting') refused.push({ claim, answer: standing.answer });
      else if (standing?.status !== 'granted') open.push(claim);
    }
    if (open.length === 0) continue;
    const answer = each.answer(now, open);
    const asked = open.map((claim) => ({ claim, answer }));
    if (answer.verdict === 'waiting' || answer.verdict === 'blocked') refused.push(...asked);
    else for (const one of asked) await keepAsked(tx, one, now.limits.holdDays);
    if (answer.verdict === 'warned') warnings.push(answer.reason);
  }
  if (refused.length === 0) return warnings;
  const texts = [...new Set(refused.map(refusalText))];
  throw new ForbiddenError(texts.join(' '), { details: { refused } });
}

function refusalText({ answer: { verdict, reason, product } }: RefusedSeat): string {
  return verdict === 'blocked'
    ? `${reason} No seat of ${product} is given.`
    : `${reason} A seat of ${product} waits for a person’s word; push it again once it is granted.`;
}

const Refused = z.array(z.custom<RefusedSeat>((each) => typeof each === 'object'));

/** Keeps what a refused push asked for, so that a person can grant it: the push itself was undone. */
export async function keepRefusedSeats(
  deps: Pick<Deps, 'store'>,
  { tenantId, connection }: DirectoryCaller,
  error: unknown,
): Promise<void> {
  if (!(error instanceof ForbiddenError)) return;
  const refused = Refused.safeParse(error.details['refused']).data ?? [];
  if (refused.length === 0) return;
  await deps.store.withTenant(tenantId, async (tx) => {
    await takeTurnWithSeats(tx);
    const { holdDays } = await companySetting(tx, 'pools');
    for (const each of refused) {
      // A provider pushes again and again; what waits or was refused alike is asked once.
      const standing = await standingRequest(tx, each.claim);
      if (standing !== null && standing.status === each.answer.verdict) continue;
      const { id, status } = await keepAsked(tx, each, holdDays);
      await appendAudit(tx, {
        actor: `directory:${connection}`,
        action: 'seat_request.asked',
        subject: { type: 'seat_request', id },
        details: { connection, product: each.claim.product, status, rule: each.answer.rule },
      });
    }
  });
}

function keepAsked(tx: TenantTx, { claim, answer }: RefusedSeat, holdDays: number) {
  const askedBy = `directory:${claim.connection}`;
  const asked = { channel: 'scim', answer, askedBy, personId: null, reason: null } as const;
  return keepSeatRequest(tx, claim, { ...asked, holdDays });
}

const Entitlement = z.object({
  value: z.string().trim().min(1),
  type: z.string().default('license'),
});

/** The licences of an active login: what the mapping of seats makes of its entitlements. */
function licencesOf({ active, entitlements }: JsonObject): ReadonlySet<string> {
  if ((active ?? true) !== true || !Array.isArray(entitlements)) return new Set();
  const read = entitlements.flatMap((each) => Entitlement.safeParse(each).data ?? []);
  return new Set(read.filter(({ type }) => type === 'license').map(({ value }) => value)); // prettier-ignore
}

function nameOf({ userName }: JsonObject): string {
  return typeof userName === 'string' ? userName : '';
}
