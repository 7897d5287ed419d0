import { explainBlocked } from '../delivery/dispatch.ts';
import type { Target } from '../delivery/target.ts';
import { knownSchema } from '../mapping/known-schemas.ts';
import { listPauses, pausedOn } from '../mapping/paused-mappings.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { JobContext } from '../sdk/flows.ts';
import { askSchema, compareSchema, shapeOf } from './compare-schema.ts';
import type { Deps } from './deps.ts';
import { leasedTx } from './leased-tx.ts';

/** A target may be looked at again after so long, in seconds. */
const LOOK_AT_TARGET_S = 60;

/**
 * Asks how the target describes an object before it is written, at most once a minute, and pauses or resumes the mappings that
 * write it. Returns the ids of those that are paused: what they made stays unsent, whole.
 */
export async function watchTarget(
  delivery: { readonly deps: Deps; readonly context: JobContext; readonly target: Target },
  session: ConnectorSession,
): Promise<readonly string[]> {
  const { deps, context, target } = delivery;
  const { connection, object: stream } = target;
  const site = { deps, context, connection, stream };
  const known = await deps.store.readTenant(context.tenantId, (tx) =>
    knownSchema(tx, { connection, stream }),
  );
  if (known === null || known.ageSeconds > LOOK_AT_TARGET_S) {
    const description = await askSchema(site, () => session.describe(stream));
    if (description !== null)
      await leasedTx(deps, context, (tx) => compareSchema(site, tx, shapeOf(description), []));
  }
  return leasedTx(deps, context, async (tx) => {
    const paused = [...(await pausedOn(tx, { connection, stream }, 'outbound'))];
    for (const pause of await listPauses(tx, connection)) {
      if (pause.direction === 'outbound' && pause.pauses && pause.stream === stream)
        await explainBlocked(tx, target, pause.mappingId, {
          code: 'mapping_paused',
          message: `${stream}.${pause.field} is not what ${pause.mappingId} expects (${pause.kind}), so nothing is written. Publish another version of the mapping, or: trueup connections schema ${connection} --accept`,
          field: pause.field,
        });
    }
    return paused;
  });
}
