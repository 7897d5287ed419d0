import { liveConnection } from '../../intake/connections.ts';
import { openRun, type Run } from '../../intake/runs.ts';
import { appendAudit } from '../../audit/audit-log.ts';
import { NotFoundError, ValidationError } from '../../kernel/errors.ts';
import type { Caller } from '../../security/caller.ts';
import { streamsOf } from '../connection-streams.ts';
import type { Deps } from '../deps.ts';
import { refusePushed } from '../refuse-pushed.ts';
import { pullWork, request } from '../request.ts';

export interface StartPull {
  readonly connection: string;
  /** Only these streams; all that the connection reads when absent. */
  readonly streams?: readonly string[] | undefined;
  /** Read everything again, whatever was certified before. */
  readonly full?: boolean | undefined;
  /** Compare everything by keys instead, and read only what differs. */
  readonly prove?: boolean | undefined;
  readonly trigger?: Run['trigger'] | undefined;
}

/** Opens a run and asks for one pull per stream. Throws NotFoundError on an unknown connection or stream. */
export async function startPull(
  deps: Deps,
  caller: Caller,
  input: StartPull,
): Promise<{ readonly runId: string }> {
  if (input.full === true && input.prove === true) {
    throw new ValidationError(
      'A read is either full or a proof by keys. A full read is proven by keys in the end anyway.',
    );
  }
  return deps.store.withTenant(caller.tenantId, async (tx) => {
    const connection = await liveConnection(tx, input.connection);
    refusePushed(connection);
    if (connection.status === 'paused') {
      throw new ValidationError(
        `Connection "${connection.id}" is paused. Resume it before pulling.`,
      );
    }
    const known = streamsOf(deps.registry, connection).map(({ name }) => name);
    const streams = input.streams ?? known;
    const strange = streams.find((stream) => !known.includes(stream));
    if (strange !== undefined) {
      throw new NotFoundError(
        `Connection "${connection.id}" reads no stream "${strange}". It reads: ${known.join(', ')}.`,
      );
    }
    const runId = await openRun(tx, {
      connection: connection.id,
      trigger: input.trigger ?? 'person',
      requestedBy: caller.actor,
      full: input.full ?? false,
      keysOnly: input.prove ?? false,
      streams,
    });
    await appendAudit(tx, {
      actor: caller.actor,
      action: 'run.started',
      subject: { type: 'run', id: runId },
      details: { connection: connection.id, streams },
    });
    await request(
      deps,
      tx,
      streams.map((stream) => pullWork(runId, stream)),
    );
    return { runId };
  });
}
