import * as z from 'zod';

const Origin = z
  .url({ protocol: /^https?$/ })
  .refine(
    (url) => url.startsWith('https:') || /^http:\/\/(localhost|127\.)/.test(url),
    'must be https',
  ) // prettier-ignore
  .transform((url) => new URL(url).origin);

/** What an administrator sets for a Microsoft Graph connection, and may see again. */
export const GraphConfig = z.strictObject({
  tenantId: z
    .string()
    .regex(/^[\w.-]{1,120}$/, 'must be a directory id or a verified domain')
    .describe('The Entra directory: its id, or one of its domains such as contoso.onmicrosoft.com.'), // prettier-ignore
  clientId: z.string().min(1).describe('The application (client) id of the app registration.'),
  graphUrl: Origin.default('https://graph.microsoft.com').describe(
    'The address of Graph; another one for a national cloud.',
  ),
  loginUrl: Origin.default('https://login.microsoftonline.com').describe(
    'The address that gives tokens; another one for a national cloud.',
  ),
  pageSize: z.coerce
    .number()
    .int()
    .min(1)
    .max(999)
    .default(500)
    .describe('Users to ask for in one page (1 to 999). Graph may give fewer.'),
});
export type GraphConfig = z.infer<typeof GraphConfig>;

/** What is sealed and never shown again. */
export const GraphSecrets = z.strictObject({
  clientSecret: z
    .string()
    .min(1)
    .describe('A client secret of the app registration, which has User.Read.All and Organization.Read.All.'), // prettier-ignore
});
export type GraphSecrets = z.infer<typeof GraphSecrets>;
