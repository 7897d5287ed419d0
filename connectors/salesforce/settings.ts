import { createPrivateKey } from 'node:crypto';
import * as z from 'zod';

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

/** A switch; the command line gives it as a text. */
const Switch = z.union([z.boolean(), z.stringbool()]);

const Origin = z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin);

/** What an administrator sets for a Salesforce connection, and may see again. */
export const SalesforceConfig = z.strictObject({
  loginUrl: Origin.default('https://login.salesforce.com').describe(
    'Where to log in: https://login.salesforce.com, https://test.salesforce.com for a sandbox, or the My Domain address.',
  ),
  instanceUrl: Origin.optional().describe(
    'The My Domain address. Needed for the client credentials grant, which is asked for there.',
  ),
  clientId: z.string().min(1).describe('The consumer key of the connected app.'),
  username: z
    .string()
    .min(1)
    .optional()
    .describe('The integration user that the JWT grant signs in as.'),
  grant: z
    .enum(['jwt', 'client_credentials', 'refresh_token'])
    .default('jwt')
    .describe(
      'How to log in: jwt (needs username and privateKey), client_credentials (needs clientSecret) or refresh_token (needs refreshToken; tokens that rotate are kept).',
    ),
  apiVersion: z
    .string()
    .regex(/^\d{2}\.0$/)
    .default('67.0')
    .describe('The REST API version.'),
  overlapSeconds: z.coerce
    .number()
    .int()
    .min(0)
    .max(86_400)
    .default(600)
    .describe(
      'How far each read goes back behind the last one, for rows that were committed late.',
    ),
  bulkFrom: z.coerce
    .number()
    .int()
    .min(2000)
    .default(50_000)
    .describe('A read of at least so many records goes by Bulk API 2.0, a smaller one by REST.'),
  fieldHistory: Switch.default(true).describe(
    'Read who changed which field of opportunities and contracts, so that a trace can show it.',
  ),
  quotes: Switch.default(false).describe(
    'Read quotes and their lines. Needs quotes to be switched on in Salesforce.',
  ),
  cpq: Switch.default(false).describe(
    'Read CPQ quotes, quote lines and subscriptions. Needs the CPQ package (SBQQ).',
  ),
  assetLifecycle: Switch.default(false).describe(
    'Read the state periods and actions of lifecycle-managed assets. Needs Revenue Cloud, and the permission Access Customer Asset Lifecycle Management APIs.',
  ),
  licences: Switch.default(false).describe(
    "Read the organisation's own user licences and permission set licences: how many there are and how many are used.",
  ),
  changeEvents: z
    .union([z.boolean(), z.stringbool()])
    .default(false)
    .describe(
      'Listen to change events and read what changed at once. Choose the objects in Salesforce under Setup, Change Data Capture.',
    ),
  organizationId: z
    .string()
    .regex(/^00D[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$/)
    .optional()
    .describe('The id of the organisation (00D…). Needed to take Outbound Messages from it.'),
});
export type SalesforceConfig = z.infer<typeof SalesforceConfig>;

/** What is sealed and never shown again. */
export const SalesforceSecrets = z.strictObject({
  privateKey: z
    .string()
    .refine(isPrivateKey, 'This is not an RSA private key in PEM form.')
    .optional()
    .describe(
      'The RSA private key (PEM) whose certificate the connected app holds; for the jwt grant.',
    ),
  clientSecret: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The consumer secret; for the client_credentials grant, and for refresh_token where the connected app asks for it.',
    ),
  refreshToken: z
    .string()
    .min(1)
    .optional()
    .describe('The refresh token of an approved login; for the refresh_token grant.'),
  session: z
    .string()
    .optional()
    .describe('The live session, kept by Trueup itself so that its processes share one login.'),
});
export type SalesforceSecrets = z.infer<typeof SalesforceSecrets>;
