import type { Store } from '../db/store.ts';
import type { Clock } from '../kernel/clock.ts';
import { ValidationError } from '../kernel/errors.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Registry } from '../registry/load-registry.ts';
import type { ConnectorSession, Vault, VendorUsage } from '../sdk/define-connector.ts';
import { createEgress, type EgressOptions } from '../security/egress.ts';
import type { Kek } from '../security/kek.ts';
import type { Observer } from '../telemetry/metrics.ts';
import { createRedactor, type Redactor } from '../telemetry/redaction.ts';
import { callPurpose } from './call-purpose.ts';
import { connectorOf } from './connector-of.ts';
import { redactError, redactSession } from './redact-session.ts';

/** Settings and opened secrets of a connection that may not be stored yet. */
export interface ConnectionDraft {
  readonly id: string;
  readonly connector: string;
  readonly config: JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
  readonly allowPrivateNetwork: boolean;
}

export interface SessionDeps {
  readonly store: Store;
  readonly registry: Registry;
  readonly kek: Kek;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The log's: what is opened here is masked there from then on. */
  readonly redactor?: Redactor;
  readonly observe?: Pick<Observer, 'observeRequest'>;
}

/** What opening a session takes; a stored connection takes the rest as well. */
export type OpenSessionDeps = Omit<SessionDeps, 'store' | 'kek'>;

/** What a session has beside its settings. */
export interface SessionParts {
  /** `register` masks a value from then on, in the log and in what the session says. */
  readonly vault: (register: (secret: string) => void) => Vault<unknown>;
  readonly reportUsage: (usage: VendorUsage) => void;
  readonly gate: NonNullable<EgressOptions['gate']>;
}

/**
 * Opens a session. A vendor's words may repeat what it was sent, and they are kept with runs and intents and shown to
 * people: whatever the session throws or reports has the connection's own secrets masked, renewed ones too.
 */
export async function openSession(
  deps: OpenSessionDeps,
  draft: ConnectionDraft,
  parts: SessionParts,
): Promise<ConnectorSession> {
  const connector = connectorOf(deps.registry, draft.connector);
  const config = parsed(connector.config.safeParse(draft.config), draft.id, 'setting');
  const secrets = parsed(connector.secrets.safeParse(draft.secrets), draft.id, 'secret');
  const own = createRedactor();
  const register = (secret: string): void => {
    own.register(secret);
    deps.redactor?.register(secret);
  };
  for (const secret of Object.values(draft.secrets)) register(secret);
  const logger = deps.logger.child({ connection: draft.id });
  const context = {
    connection: draft.id,
    config,
    secrets,
    vault: parts.vault(register),
    reportUsage: parts.reportUsage,
    egress: createEgress({
      hosts: connector.hosts(config),
      allowPrivateNetwork: draft.allowPrivateNetwork,
      timeoutMs: connector.limits.timeoutMs,
      maxResponseBytes: connector.limits.maxResponseBytes,
      concurrency: connector.limits.concurrency,
      gate: parts.gate,
      goesFirst: () => callPurpose() === 'closed-won',
      onRefusal: (error) =>
        logger.warn('A call of a connection was refused by the guard of the way out', {
          code: error.code,
          reason: own.secretsIn(error.message),
        }),
      observe: (seconds) => deps.observe?.observeRequest(draft.connector, seconds),
    }),
    clock: deps.clock,
    logger,
  };
  try {
    return redactSession(await connector.open(context), own.secretsIn);
  } catch (error) {
    throw redactError(error, own.secretsIn);
  }
}

function parsed<T>(
  result:
    | { success: true; data: T }
    | {
        success: false;
        error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] };
      },
  connection: string,
  what: 'setting' | 'secret',
): T {
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => ({
    pointer: issue.path.map(String).join('.') || what,
    message: issue.message,
  }));
  const list = problems.map((each) => `${each.pointer}: ${each.message}`).join('; ');
  throw new ValidationError(`The ${what}s of connection "${connection}" do not fit: ${list}.`, {
    details: { problems },
  });
}
