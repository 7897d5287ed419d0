import * as z from 'zod';

const Slug = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/, 'must be a slug as in the address');

/** What an administrator sets for a GitHub Copilot connection, and may see again. */
export const CopilotConfig = z
  .strictObject({
    organization: Slug.optional().describe('The organisation that pays for the seats.'),
    enterprise: Slug.optional().describe('The enterprise that pays for the seats of all its organisations.'), // prettier-ignore
    apiUrl: z
      .url({ protocol: /^https?$/ })
      .refine(
        (url) => url.startsWith('https:') || /^http:\/\/(localhost|127\.)/.test(url),
        'must be https',
      ) // prettier-ignore
      .transform((url) => url.replace(/\/+$/, ''))
      .default('https://api.github.com')
      .describe('The address of the API; another one for data residency (api.SUBDOMAIN.ghe.com).'),
  })
  .refine(
    ({ organization, enterprise }) => (organization === undefined) !== (enterprise === undefined),
    'needs an organization or an enterprise, and not both',
  );
export type CopilotConfig = z.infer<typeof CopilotConfig>;

/** What is sealed and never shown again. */
export const CopilotSecrets = z.strictObject({
  token: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be one word of printable characters')
    .describe('A token with manage_billing:copilot or read:enterprise, of an owner.'),
});
export type CopilotSecrets = z.infer<typeof CopilotSecrets>;
