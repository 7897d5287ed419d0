import * as z from 'zod';
import { STREAM_NAMES } from './stream-names.ts';

/** No call of ours lasts longer. */
export const TIMEOUT_MS = 150_000;

/** The largest pool that NetSuite sells, and more than any connection should take. */
export const MAX_CONCURRENCY = 55;

/** A list may come from a command line as text with commas. */
const listed = (value: unknown): unknown =>
  typeof value === 'string' ? value.split(',').map((each) => each.trim()) : value;

export const Config = z.strictObject({
  // Letters, digits and underscores only: the id becomes part of a host name that receives credentials.
  accountId: z
    .string()
    .regex(/^[A-Za-z0-9]+(_[A-Za-z0-9]+)*$/, 'An account id looks like 1234567 or 1234567_SB1.')
    .describe(
      'NetSuite account id, for example 1234567 or 1234567_SB1 (Setup > Company > Company Information).',
    ),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Address of the REST services; left out, it follows from the account id. Give it for a twin or a proxy.',
    ),
  auth: z
    .enum(['m2m', 'tba'])
    .default('m2m')
    .describe(
      'm2m: OAuth 2.0 client credentials with a certificate. tba: token-based authentication, closed to new integrations from NetSuite 2027.1.',
    ),
  clientId: z.string().optional().describe('m2m: client id of the integration record.'),
  certificateId: z
    .string()
    .optional()
    .describe('m2m: certificate id from Setup > Integration > OAuth 2.0 Client Credentials Setup.'),
  timeZone: z
    .string()
    .refine(
      (zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC',
      'Give an IANA time zone such as America/Los_Angeles.',
    )
    .optional()
    .describe(
      'Time zone in which the account shows its change stamps; used to widen the overlap when clocks go back. Its distance from UTC is measured; left out, or measured otherwise, every zone of that distance is allowed for.',
    ),
  concurrency: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_CONCURRENCY)
    .default(5)
    .describe(
      'Calls at once at most. The pool of the account starts at 5, for all its integrations together (Setup > Integration > Integration Governance).',
    ),
  streams: z
    .preprocess(listed, z.array(z.enum(STREAM_NAMES)).min(1))
    .optional()
    .describe(
      `What is read, as a list with commas; left out, all but budget. One or more of ${STREAM_NAMES.join(', ')}.`,
    ),
  historyDays: z.coerce
    .number()
    .int()
    .min(0)
    .max(3650)
    .default(90)
    .describe('How many days of system notes the first read goes back for.'),
  overlapSeconds: z.coerce
    .number()
    .int()
    .min(0)
    .max(86_400)
    .default(600)
    .describe('How far before the last certified moment an incremental read starts, in seconds.'),
  asJob: z
    .enum(['after-first-try', 'always', 'never'])
    .default('after-first-try')
    .describe(
      'Which writes NetSuite runs as jobs of its own, which costs three more calls a record and survives a slow save: those that were tried before, all, or none.',
    ),
  timeoutSeconds: z.coerce
    .number()
    .positive()
    .max(TIMEOUT_MS / 1000)
    .default(TIMEOUT_MS / 1000)
    .describe(
      'How long one call may take. NetSuite has been seen to take 36 seconds for one new record.',
    ),
});
export type Config = z.infer<typeof Config>;

export const Secrets = z.strictObject({
  privateKey: z
    .string()
    .optional()
    .describe(
      'm2m: private key of the certificate, PEM. RSA keys sign PS256, EC keys ES256, ES384 or ES512.',
    ),
  consumerKey: z.string().optional().describe('tba: consumer key of the integration record.'),
  consumerSecret: z.string().optional().describe('tba: consumer secret of the integration record.'),
  tokenId: z.string().optional().describe('tba: id of the access token.'),
  tokenSecret: z.string().optional().describe('tba: secret of the access token.'),
});
export type Secrets = z.infer<typeof Secrets>;

/** The address of the account's REST services, without a slash at the end. */
export function baseUrlOf(config: Config): string {
  if (config.baseUrl !== undefined) return new URL(config.baseUrl).origin;
  const host = config.accountId.toLowerCase().replaceAll('_', '-');
  return `https://${host}.suitetalk.api.netsuite.com`;
}

/** The account as OAuth realm: upper case, with its underscore (`1234567_SB1`). */
export function realmOf(config: Config): string {
  return config.accountId.toUpperCase();
}
