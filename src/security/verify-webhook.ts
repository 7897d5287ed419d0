import { Webhook, WebhookVerificationError } from 'standardwebhooks';

export interface SignedPush {
  /** The bytes as they came: the signature covers these and no other spelling. */
  readonly body: Buffer;
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
}

/**
 * True if one of the secrets signed this push within the last 300 s (Standard Webhooks). Several secrets, and several
 * signatures in the header, let a sender change over without a gap.
 */
export function isSignedPush(push: SignedPush, secrets: readonly string[]): boolean {
  const headers = {
    'webhook-id': push.id,
    'webhook-timestamp': push.timestamp,
    'webhook-signature': push.signature,
  };
  return secrets.some((secret) => {
    try {
      new Webhook(secret).verify(push.body, headers, { jsonParse: false });
      return true;
    } catch (error) {
      if (error instanceof WebhookVerificationError) return false;
      throw error;
    }
  });
}
