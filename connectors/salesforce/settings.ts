import { createPrivateKey } from 'node:crypto';
import * as z from 'zod';

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

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
    .enum(['jwt', 'client_credentials'])
    .default('jwt')
    .describe(
      'How to log in: jwt (needs username and privateKey) or client_credentials (needs clientSecret).',
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
    .describe('The consumer secret; for the client_credentials grant.'),
});
export type SalesforceSecrets = z.infer<typeof SalesforceSecrets>;
