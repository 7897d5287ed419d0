import { setTimeout as delay } from 'node:timers/promises';
import { appendAudit } from '../audit/audit-log.ts';
import type { Store } from '../db/store.ts';
import { RemoteUnavailable, StoreUnavailable, ValidationError } from '../kernel/errors.ts';
import { killPoint } from '../kernel/kill-point.ts';
import type { ConnectorDefinition, Vault } from '../sdk/define-connector.ts';
import type { Kek } from '../security/kek.ts';
import { openSecrets, renewSecrets, secretsStamp } from '../security/secrets.ts';
import { createSlots } from '../security/slots.ts';

type SecretValues = Readonly<Record<string, string>>;
type Secrets = Pick<ConnectorDefinition, 'secrets'>;

/** Longer than any login takes: whoever holds the lock ends or dies within it. */
const LONGEST_WAIT_MS = 60_000;
const LOOK_EVERY_MS = 100;
/** What a login was given is the only copy; a store that is away for a moment must not lose it. */
const SAVE_WITHIN_MS = 30_000;

export interface VaultOptions {
  readonly store: Store;
  readonly kek: Kek;
  readonly tenantId: string;
  readonly connection: string;
  readonly connector: Secrets;
  /** Told of every value before anybody can repeat it. */
  readonly register: (secret: string) => void;
}

/**
 * The vault of a stored connection: one renewal at a time over all processes (an advisory lock), always from the newest
 * sealed secrets, and sealed again before the caller may use what it got (F-08, F-21).
 */
export function storedVault(options: VaultOptions): Vault<unknown> {
  const turns = createSlots(1);
  return { fresh: (use) => turns.run(() => renewLocked(options, use)) };
}

async function renewLocked<T>(
  options: VaultOptions,
  use: (secrets: unknown, save: (next: unknown) => Promise<void>) => Promise<T>,
): Promise<T> {
  const { store, tenantId, connection } = options;
  const ends = performance.now() + LONGEST_WAIT_MS;
  while (performance.now() < ends) {
    const turn = await store.tryLock(`login:${tenantId}/${connection}`, async () => {
      const opened = await openNewest(options);
      return await use(opened.secrets, opened.save);
    });
    if (turn.held) return turn.value;
    await delay(LOOK_EVERY_MS);
  }
  throw new RemoteUnavailable(
    `Another process has been signing in to connection "${connection}" for over a minute. It is tried again later.`,
    { details: { sent: false } },
  );
}

async function openNewest({ store, kek, tenantId, connection, connector, register }: VaultOptions) {
  const { stamp, values } = await store.readTenant(tenantId, async (tx) => ({
    stamp: await secretsStamp(tx, connection),
    values: await openSecrets(tx, kek, connection),
  }));
  for (const value of Object.values(values)) register(value);
  let seen = stamp;
  // Kept even when the lock broke meanwhile: they replace only what was read, and nothing that came after it.
  const save = async (next: unknown): Promise<void> => {
    const fit = requireSecrets(connector, connection, next);
    // Before anything can go wrong: an error may repeat what the vendor gave.
    for (const value of Object.values(fit)) register(value);
    if (seen === null) throw noCredentials(connection);
    const renewed = seen;
    await killPoint('auth.refreshed_not_saved');
    seen = await untilStored(() =>
      store.withTenant(tenantId, async (tx) => {
        const stored = await renewSecrets(tx, kek, connection, fit, renewed);
        await appendAudit(tx, {
          actor: 'system:login',
          action: 'connection.secrets-renewed',
          subject: { type: 'connection', id: connection },
          details: { secretFields: Object.keys(fit) },
        });
        return stored;
      }),
    );
  };
  return { secrets: connector.secrets.parse(values), save };
}

/** Tries again while the store is away. Throws StoreUnavailable when it stays away. */
async function untilStored<T>(keep: () => Promise<T>): Promise<T> {
  const ends = performance.now() + SAVE_WITHIN_MS;
  for (;;) {
    try {
      return await keep();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || performance.now() >= ends) throw error;
      await delay(LOOK_EVERY_MS);
    }
  }
}

function noCredentials(connection: string): RemoteUnavailable {
  return new RemoteUnavailable(
    `What connection "${connection}" was given at its login could not be kept, because its credentials were removed meanwhile. It signs in again later.`,
  );
}

/** What may be sealed: texts that the connector itself takes as its secrets. Never quotes a value. */
function requireSecrets(connector: Secrets, connection: string, next: unknown): SecretValues {
  const result = connector.secrets.safeParse(next);
  const given = Object.entries(typeof next === 'object' && next !== null ? next : {});
  const texts = given.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const strange = given.filter(([, value]) => value !== undefined && typeof value !== 'string');
  if (result.success && strange.length === 0) return Object.fromEntries(texts);
  const names = result.success
    ? strange.map(([name]) => name)
    : result.error.issues.map((issue) => issue.path.map(String).join('.'));
  throw new ValidationError(
    `The login of connection "${connection}" wants to keep secrets that its connector does not take: ${names.join(', ')}. Report it: that is a defect of the connector.`,
  );
}

/** A vault whose renewed secrets are not stored; whoever opened the session keeps them or lets them go. */
export interface DraftVault extends Vault<unknown> {
  /** The newest values. */
  values(): SecretValues;
}

/** The vault of a connection that is only tried. */
export function draftVault(
  { connector, connection, register }: Pick<VaultOptions, 'connector' | 'connection' | 'register'>,
  given: SecretValues,
): DraftVault {
  const turns = createSlots(1);
  let values = given;
  const save = async (next: unknown): Promise<void> => {
    const fit = requireSecrets(connector, connection, next);
    for (const value of Object.values(fit)) register(value);
    values = fit;
  };
  return {
    values: () => values,
    fresh: (use) => turns.run(() => use(connector.secrets.parse(values), save)),
  };
}
