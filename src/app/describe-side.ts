import { liveConnection, type Connection } from '../intake/connections.ts';
import { HubError, messageOf, NotFoundError, StoreUnavailable } from '../kernel/errors.ts';
import { describeNoun } from '../mapping/described-noun.ts';
import { keepDescription, keptDescription } from '../mapping/object-descriptions.ts';
import type { ObjectDescription } from '../sdk/define-connector.ts';
import type { Deps } from './deps.ts';

/** An object's fields, and how fresh they are. */
export interface DescribedSide extends ObjectDescription {
  /** The connection; null for our own nouns and documents. */
  readonly connection: string | null;
  /** When the system said so; null for our own, which are what this version of Trueup has. */
  readonly asOf: string | null;
  /** False where the system could not be asked, and this is what it said before. */
  readonly live: boolean;
  /** Why it could not be asked. */
  readonly note: string | null;
}

/** What is pushed to us is described by our own endpoint. */
export type DescribePushed = (object: string) => ObjectDescription | null;

/** One of our nouns, or a document of commerce. Throws NotFoundError. */
export function describeOurs(object: string): DescribedSide {
  const described = describeNoun(object);
  if (described !== null)
    return { ...described, connection: null, asOf: null, live: true, note: null };
  throw new NotFoundError(`"${object}" is neither a canonical noun nor a document of commerce.`);
}

/**
 * The fields of an object as the connected system describes them now; where it cannot be asked, as it described them
 * when somebody last asked. Throws NotFoundError, and the remote error where nothing is known from before.
 */
export async function describeVendor(
  deps: Pick<Deps, 'store' | 'sessions' | 'clock'>,
  tenantId: string,
  place: { readonly connection: string; readonly object: string },
  pushed: DescribePushed,
): Promise<DescribedSide> {
  const { connection: id, object } = place;
  const connection = await deps.store.readTenant(tenantId, (tx) => liveConnection(tx, id));
  if (connection.pushed) return describedAsPushed(deps, connection, object, pushed);
  try {
    const session = await deps.sessions.of(tenantId, id);
    const description = await session.describe(object);
    await deps.store.withTenant(tenantId, (tx) =>
      keepDescription(tx, id, { ...description, object }),
    );
    return fresh(deps, id, { ...description, object });
  } catch (error) {
    // What the system refuses as unknown is an answer; only one that does not answer is shown from memory.
    const isAway =
      error instanceof HubError &&
      !(error instanceof NotFoundError) &&
      !(error instanceof StoreUnavailable);
    const kept = isAway
      ? await deps.store.readTenant(tenantId, (tx) => keptDescription(tx, id, object))
      : null;
    if (kept === null) throw error;
    return {
      ...kept.description,
      connection: id,
      asOf: kept.describedAt.toISOString(),
      live: false,
      note: messageOf(error),
    };
  }
}

function describedAsPushed(
  deps: Pick<Deps, 'clock'>,
  { id }: Connection,
  object: string,
  pushed: DescribePushed,
): DescribedSide {
  const described = pushed(object);
  if (described !== null) return fresh(deps, id, described);
  throw new NotFoundError(
    `No ${object} is pushed to "${id}". \`trueup connections describe ${id}\` shows what is.`,
  );
}

function fresh(
  deps: Pick<Deps, 'clock'>,
  connection: string,
  description: ObjectDescription,
): DescribedSide {
  const asOf = deps.clock.now().toISOString();
  return { ...description, connection, asOf, live: true, note: null };
}
