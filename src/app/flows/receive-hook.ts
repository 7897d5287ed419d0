import { createHash } from 'node:crypto';
import * as z from 'zod';
import { appendAudit } from '../../audit/audit-log.ts';
import type { TenantTx } from '../../db/store.ts';
import { liveConnection, type Connection } from '../../intake/connections.ts';
import { isReadWaiting, keepPush, markPushServed } from '../../intake/inbox.ts';
import { openRun } from '../../intake/runs.ts';
import { NotFoundError, UnauthenticatedError, ValidationError } from '../../kernel/errors.ts';
import { openHookSecrets } from '../../security/hook-secrets.ts';
import { isSignedPush, type SignedPush } from '../../security/verify-webhook.ts';
import { streamsOf } from '../connection-streams.ts';
import type { Deps } from '../deps.ts';
import { request } from '../request.ts';

const ACTOR = 'system:hook';

/** Vendors add members as they like; these two are what we act on. */
const PushBody = z.object({
  data: z.object({ object: z.string().min(1).max(200), id: z.string().min(1).max(200) }),
});

export interface HookReceipt {
  /** `duplicate`: this event was kept before, and nothing happens again. */
  readonly status: 'accepted' | 'duplicate';
  /** The run that reads the change; null when one that waits already will see it, or nothing is read. */
  readonly runId: string | null;
}

/**
 * Takes a vendor's push. It is believed only with a valid signature over its bytes, kept before it is answered, and
 * used as a hint to read the named object, never as a source. Many pushes at once make one read.
 * Throws UnauthenticatedError alike for an unknown company, an unknown connection and a bad signature, and
 * ValidationError for a signed body that names no record.
 */
export async function receiveHook(
  deps: Deps,
  input: { readonly tenantId: string; readonly connection: string; readonly push: SignedPush },
): Promise<HookReceipt> {
  const connection = await authentic(deps, input);
  const parsed = PushBody.safeParse(jsonOf(input.push.body));
  if (!parsed.success) {
    throw new ValidationError(
      'A push has the form {"data":{"object":"…","id":"…"}}, naming the record that changed.',
    );
  }
  const { object, id } = parsed.data.data;
  return await deps.store.withTenant(input.tenantId, async (tx) => {
    const kept = await keepPush(tx, {
      connection: connection.id,
      eventId: input.push.id,
      object,
      recordId: id,
      bodyHash: createHash('sha256').update(input.push.body).digest('hex'),
    });
    if (!kept) return { status: 'duplicate', runId: null };
    const runId = await readSoon(deps, tx, connection, object);
    await markPushServed(tx, { connection: connection.id, eventId: input.push.id });
    return { status: 'accepted', runId };
  });
}

async function authentic(
  deps: Deps,
  input: { readonly tenantId: string; readonly connection: string; readonly push: SignedPush },
): Promise<Connection> {
  try {
    return await deps.store.withTenant(input.tenantId, async (tx) => {
      const connection = await liveConnection(tx, input.connection);
      const secrets = await openHookSecrets(tx, deps.kek, connection.id);
      if (isSignedPush(input.push, secrets)) return connection;
      throw refused();
    });
  } catch (error) {
    throw error instanceof NotFoundError ? refused() : error;
  }
}

function refused(): UnauthenticatedError {
  return new UnauthenticatedError(
    'This push is not signed by a secret of a connection of that name, or its timestamp is more than 5 minutes off.',
  );
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

/** Asks for a read of the object's stream and of those that belong to it, unless one waits that will see the change. */
async function readSoon(
  deps: Deps,
  tx: TenantTx,
  connection: Connection,
  object: string,
): Promise<string | null> {
  const streams = streamsOf(deps.registry, connection);
  const own = streams.find((stream) => stream.name === object);
  if (own === undefined || connection.status === 'paused') return null;
  const known = new Set(streams.map((stream) => stream.name));
  const wanted = [...new Set([own.name, ...(own.related ?? [])])].filter((name) => known.has(name));
  if (await isReadWaiting(tx, connection.id, wanted)) return null;
  const runId = await openRun(tx, {
    connection: connection.id,
    trigger: 'hook',
    requestedBy: ACTOR,
    full: false,
    streams: wanted,
  });
  await request(
    deps,
    tx,
    wanted.map((stream) => ({
      job: 'pull',
      key: `${runId}/${stream}`,
      payload: { runId, stream },
    })),
  );
  return runId;
}

/** Keeps in the audit that a push was refused. Callers limit how often: whoever sends rubbish must not fill the audit. */
export async function auditRefusedHook(
  deps: Deps,
  input: { readonly tenantId: string; readonly connection: string; readonly remote: string },
): Promise<void> {
  const entry = {
    actor: ACTOR,
    action: 'hook.refused',
    subject: { type: 'connection', id: input.connection },
    details: { remote: input.remote },
  };
  await deps.store
    .withTenant(input.tenantId, (tx) => appendAudit(tx, entry))
    .catch((error: unknown) => {
      if (!(error instanceof NotFoundError)) throw error;
    });
}
