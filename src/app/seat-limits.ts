import type { PositionLine } from '../canonical/position-line.ts';
import type { TenantTx } from '../db/store.ts';
import { userIdsOf } from '../intake/directory-members.ts';
import { foldCase } from '../kernel/fold-case.ts';
import type { Fact } from '../ledger/fact.ts';
import { buildCatalogue, type Catalogue } from '../licensing/catalogue.ts';
import type { Metrics } from '../licensing/figures.ts';
import { OWN } from '../licensing/pools.ts';
import { computePositions } from '../licensing/position.ts';
import { seatAnswer, type PoolLimits, type SeatAnswer } from '../licensing/seat-answer.ts';
import { heldRequests, type SeatClaim } from '../licensing/seat-requests.ts';
import type { Snapshot } from '../licensing/snapshot.ts';
import { companySetting } from './company-settings.ts';
import type { Deps } from './deps.ts';
import { withMembers, type LicenceGroup } from './licence-groups.ts';
import { loadSnapshot } from './load-snapshot.ts';

/** A seat for a login, by its id where it has one already. */
export interface LoginClaim extends SeatClaim {
  readonly userRef?: string | undefined;
}

/** What requests for seats meet now, one after the other: what was granted before is in use for the next. */
export interface SeatLimitsNow {
  readonly limits: PoolLimits;
  readonly catalogue: Catalogue;
  readonly snapshot: Snapshot;
  /** What seats of one product meet, all or none. */
  answer(product: string, claims: readonly LoginClaim[]): SeatAnswer;
  /** What a licence group of other members meets. */
  answerGroup(product: string, group: LicenceGroup): SeatAnswer;
}

/**
 * Reads the world as it is, with every seat that was granted and is not seen yet. The caller has its turn (`takeTurnWithSeats`),
 * so that two requests at once are not each the last one below a limit.
 */
export async function seatLimitsNow(
  deps: Pick<Deps, 'clock' | 'registry'>,
  tx: TenantTx,
): Promise<SeatLimitsNow> {
  const today = deps.clock.today();
  const { snapshot } = await loadSnapshot(tx, today, await tx.clock());
  const catalogue = buildCatalogue(snapshot.skus, snapshot.skuAliases, today);
  const limits = await companySetting(tx, 'pools');
  const { metrics } = deps.registry;
  let world = withSeats(snapshot, catalogue, await heldSeats(tx));
  const answer = (product: string, after: Snapshot): SeatAnswer => {
    const lines = {
      before: lineOf(world, metrics, product),
      after: lineOf(after, metrics, product),
    };
    const given = seatAnswer(product, lines, { limits, detection: snapshot.detection });
    if (given.verdict === 'granted' || given.verdict === 'warned') world = after;
    return given;
  };
  return {
    limits,
    catalogue,
    snapshot,
    answer: (product, claims) => answer(product, withSeats(world, catalogue, claims)),
    answerGroup: (product, group) => answer(product, withMembers(world, group)),
  };
}

/** Seats that were granted and may not be seen yet. Who was pushed has an id before anything of it is mapped. */
async function heldSeats(tx: TenantTx): Promise<readonly LoginClaim[]> {
  const held = Map.groupBy(await heldRequests(tx), ({ connection }) => connection);
  const claims: LoginClaim[] = [];
  for (const [connection, requests] of held) {
    const names = requests.map(({ userName }) => userName);
    const ids = await userIdsOf(tx, connection, names);
    claims.push(
      ...requests.map((each) => ({ ...each, userRef: ids.get(foldCase(each.userName)) })),
    );
  }
  return claims;
}

/** The position of our own people's rights to a product. */
function lineOf(snapshot: Snapshot, metrics: Metrics, product: string): PositionLine | undefined {
  return computePositions(snapshot, metrics)
    .map(({ line }) => line)
    .find(
      ({ posture, ownerRef, skuCode }) =>
        posture === 'licensee' && ownerRef === OWN && skuCode === product,
    );
}

/** The world with seats as if they were given; those that are seen already stay as they are. */
function withSeats(
  snapshot: Snapshot,
  catalogue: Catalogue,
  claims: readonly LoginClaim[],
): Snapshot {
  const added = claims.flatMap((claim) => {
    const { connection, product } = claim;
    const userRef = claim.userRef ?? userRefOf(snapshot, claim);
    const isSeen = snapshot.seats.some(
      (seat) =>
        seat.connection === connection &&
        seat.body.active &&
        seat.body.userAccountRef === userRef &&
        catalogue.resolve(connection, seat.body.skuCode) === product,
    );
    return isSeen ? [] : [seatFact(snapshot, { connection, product, userRef })];
  });
  return added.length === 0 ? snapshot : { ...snapshot, seats: [...snapshot.seats, ...added] };
}

/** The login's id where it is there, else its name: nobody else's seat is taken for its own. */
function userRefOf(
  { accounts }: Snapshot,
  { connection, userName }: Pick<SeatClaim, 'connection' | 'userName'>,
): string {
  const wanted = foldCase(userName);
  const account = accounts.find(
    (each) => each.connection === connection && foldCase(each.body.userName) === wanted,
  );
  return account?.externalRef ?? wanted;
}

function seatFact(
  { asOf, knownAt }: Snapshot,
  {
    connection,
    product,
    userRef,
  }: { readonly connection: string; readonly product: string; readonly userRef: string },
): Fact<'seatAssignment'> {
  const externalRef = `asked/${userRef}/${product}`;
  return {
    factId: `asked ${connection} ${externalRef}`,
    noun: 'seatAssignment',
    connection,
    externalRef,
    body: {
      externalRef,
      posture: 'licensee',
      skuCode: product,
      userAccountRef: userRef,
      active: true,
      validFrom: asOf,
    },
    lineage: null,
    recordedFrom: knownAt,
  };
}
