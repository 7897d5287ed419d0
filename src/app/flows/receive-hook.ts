import { createHash } from 'node:crypto';
import * as z from 'zod';
import { appendAudit } from '../../audit/audit-log.ts';
import { liveConnection, type Connection } from '../../intake/connections.ts';
import type { Hint } from '../../intake/inbox.ts';
import { NotFoundError, UnauthenticatedError, ValidationError } from '../../kernel/errors.ts';
import { killPoint } from '../../kernel/kill-point.ts';
import type { PushScheme } from '../../sdk/push.ts';
import { isHookToken, openHookSecrets, type HookSecrets } from '../../security/hook-secrets.ts';
import { isSignedPush, type SignedPush } from '../../security/verify-webhook.ts';
import { connectorOf } from '../connector-of.ts';
import type { Deps } from '../deps.ts';
import { takeHints, type TakenHints } from '../listeners/take-hints.ts';

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

interface Addressee {
  readonly tenantId: string;
  readonly connection: string;
}

/**
 * Takes a vendor's push. It is believed only with a valid signature over its bytes, kept before it is answered, and
 * used as a hint to read the named object, never as a source. Many pushes at once make one read.
 * Throws UnauthenticatedError alike for an unknown company, an unknown connection and a bad signature, and
 * ValidationError for a signed body that names no record.
 */
export async function receiveHook(
  deps: Deps,
  input: Addressee & { readonly push: SignedPush },
): Promise<HookReceipt> {
  const { push } = input;
  const connection = await authentic(deps, input, ({ signing }) => isSignedPush(push, signing));
  const parsed = PushBody.safeParse(jsonOf(push.body));
  if (!parsed.success) {
    throw new ValidationError(
      'A push has the form {"data":{"object":"…","id":"…"}}, naming the record that changed.',
    );
  }
  const { object, id } = parsed.data.data;
  const hint = { eventId: push.id, object, recordId: id, ...change(push.body) };
  return receipt(await keep(deps, input, connection, [hint]));
}

/**
 * Takes a push in the vendor's own form, at an address that ends in a secret. Kept before it is answered; a hint, never
 * a source. Throws UnauthenticatedError as `receiveHook` does, ValidationError for a body that is no push, and
 * ForbiddenError for one from a stranger to the connection.
 */
export async function receiveVendorPush(
  deps: Deps,
  input: Addressee & { readonly token: string; readonly body: Buffer },
): Promise<{ readonly acknowledgement: string }> {
  const connection = await authentic(deps, input, (secrets) => isHookToken(input.token, secrets));
  const connector = connectorOf(deps.registry, connection.connector);
  if (connector.push === undefined) throw refused();
  const notes = notesOf(connector.push, connector.config.parse(connection.config), input.body);
  await keep(
    deps,
    input,
    connection,
    notes.map((note): Hint => ({
      eventId: note.eventId,
      object: note.object,
      recordId: note.id,
      ...change(input.body),
    })),
  );
  return { acknowledgement: connector.push.acknowledgement };
}

/** Throws UnauthenticatedError, as `receiveHook` does, unless this is the secret of an address at which pushes are taken. */
export async function requireHookToken(
  deps: Deps,
  input: Addressee & { readonly token: string },
): Promise<void> {
  await authentic(deps, input, (secrets) => isHookToken(input.token, secrets));
}

function notesOf(scheme: PushScheme, config: unknown, body: Buffer) {
  return scheme.read(body, config);
}

function change(body: Buffer): Pick<Hint, 'kind' | 'echo' | 'bodyHash'> {
  return { kind: 'change', echo: false, bodyHash: createHash('sha256').update(body).digest('hex') };
}

function receipt({ kept, runIds }: TakenHints): HookReceipt {
  return { status: kept === 0 ? 'duplicate' : 'accepted', runId: runIds[0] ?? null };
}

async function keep(
  deps: Deps,
  { tenantId }: Addressee,
  connection: Connection,
  hints: readonly Hint[],
): Promise<TakenHints> {
  const taken = await deps.store.withTenant(tenantId, async (tx) => {
    const inTx = await takeHints(deps, tx, connection, { source: 'push', actor: ACTOR, hints });
    await killPoint('inbox.before_commit');
    return inTx;
  });
  await killPoint('inbox.committed');
  return taken;
}

async function authentic(
  deps: Deps,
  input: Addressee,
  isGenuine: (secrets: HookSecrets) => boolean,
): Promise<Connection> {
  try {
    return await deps.store.withTenant(input.tenantId, async (tx) => {
      const connection = await liveConnection(tx, input.connection);
      if (isGenuine(await openHookSecrets(tx, deps.kek, connection.id))) return connection;
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

/** Keeps in the audit that a push was refused. Callers limit how often: whoever sends rubbish must not fill the audit. */
export async function auditRefusedHook(
  deps: Deps,
  input: Addressee & { readonly remote: string },
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
