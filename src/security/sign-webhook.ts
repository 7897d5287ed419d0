import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
/** Standard Webhooks asks for 24 to 64. */
const SECRET_BYTES = 32;

/** A new signing secret: `whsec_` and base64 of 32 random bytes. */
export function newSigningSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** One call as Standard Webhooks has it. */
export interface SignedCall {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** The bytes that are sent, and no other spelling of them. */
  readonly body: string;
}

/**
 * The three headers of a call: HMAC-SHA256 over `id.timestamp.body`, one signature for each secret with spaces between, so
 * that a receiver may hold either while the secret is changed over (https://www.standardwebhooks.com).
 */
export function signedHeaders(
  { id, timestamp, body }: SignedCall,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
