import * as z from 'zod';

/** What an administrator sets for a Snipe-IT connection, and may see again. */
export const SnipeConfig = z.strictObject({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .refine(
      (url) => url.startsWith('https:') || /^http:\/\/(localhost|127\.)/.test(url),
      'must be https',
    ) // prettier-ignore
    .transform((url) => url.replace(/\/+$/, '').replace(/\/api\/v1$/, ''))
    .describe('The address of Snipe-IT, such as https://assets.example.com.'),
  pageSize: z.coerce
    .number()
    .int()
    .min(2)
    .max(500)
    .default(500)
    .describe('Records to ask for in one page (2 to 500). The server may give fewer.'),
});
export type SnipeConfig = z.infer<typeof SnipeConfig>;

/** What is sealed and never shown again. */
export const SnipeSecrets = z.strictObject({
  token: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be one word of printable characters')
    .describe('An API key of a user who may view assets, licences and users.'),
});
export type SnipeSecrets = z.infer<typeof SnipeSecrets>;
