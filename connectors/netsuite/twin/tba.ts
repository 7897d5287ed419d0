import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';

export const TbaClient = z.object({
  consumerKey: z.string(),
  consumerSecret: z.string(),
  tokenId: z.string(),
  tokenSecret: z.string(),
});
export type TbaClient = z.infer<typeof TbaClient>;

/** How far a timestamp may lie from the server's clock, in seconds. */
const WINDOW = 300;

/** RFC 3986 percent encoding, as RFC 5849 §3.6 asks. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function parameters(header: string): Readonly<Record<string, string>> {
  const pairs = [...header.replace(/^OAuth /i, '').matchAll(/(\w+)="([^"]*)"/g)];
  return Object.fromEntries(
    pairs.map(([, name = '', value = '']) => [name, decodeURIComponent(value)]),
  );
}

/** The signature base string of RFC 5849 §3.4.1: realm and signature left out, query parameters taken in. */
function baseString(
  request: TwinRequest,
  base: string,
  oauth: Readonly<Record<string, string>>,
): string {
  const signed = Object.entries(oauth).filter(
    ([name]) => name !== 'realm' && name !== 'oauth_signature',
  );
  const order = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
  const pairs = [...signed, ...request.query.entries()]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted((a, b) => order(a[0], b[0]) || order(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`);
  return [request.method, `${base}${request.path}`, pairs.join('&')].map(encode).join('&');
}

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * Checks token-based authentication: OAuth 1.0a with HMAC-SHA256, the account as realm, a fresh timestamp and
 * a nonce that was not used before. Written from the RFC, apart from the library that clients use.
 */
export function createTba(
  clients: readonly TbaClient[],
  realm: string,
): {
  verifies(request: TwinRequest, base: string): boolean;
} {
  const used = new Set<string>();
  return {
    verifies: (request, base) => {
      const oauth = parameters(request.headers['authorization'] ?? '');
      const {
        oauth_consumer_key: key,
        oauth_token: token,
        oauth_nonce: nonce,
        oauth_timestamp: time,
      } = oauth;
      const client = clients.find((known) => known.consumerKey === key && known.tokenId === token);
      if (client === undefined || nonce === undefined || time === undefined) return false;
      if (oauth['realm'] !== realm || oauth['oauth_signature_method'] !== 'HMAC-SHA256')
        return false;
      if (!(Math.abs(Number(time) - Date.now() / 1000) <= WINDOW)) return false;
      const secret = `${encode(client.consumerSecret)}&${encode(client.tokenSecret)}`;
      const expected = createHmac('sha256', secret)
        .update(baseString(request, base, oauth))
        .digest('base64');
      if (!same(expected, oauth['oauth_signature'] ?? '')) return false;
      const once = `${token} ${time} ${nonce}`;
      if (used.has(once)) return false;
      used.add(once);
      return true;
    },
  };
}
