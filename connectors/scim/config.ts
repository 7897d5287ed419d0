import * as z from 'zod';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

function problemOf(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return 'must be a URL such as https://directory.example.com/scim/v2';
  }
  if (url.username !== '' || url.password !== '') {
    return 'must not hold a user or password: the token belongs to the secrets';
  }
  if (url.search !== '' || url.hash !== '') return 'must not hold a query or fragment';
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    return 'must be https: over http the bearer token would travel in clear text';
  }
  return null;
}

export const ScimConfig = z.strictObject({
  baseUrl: z
    .string()
    .check((context) => {
      const message = problemOf(context.value);
      if (message !== null) context.issues.push({ code: 'custom', message, input: context.value });
    })
    .transform((text) => text.replace(/\/+$/, ''))
    .describe('The SCIM 2.0 base URL, without /Users.'),
  pageSize: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(200)
    .describe('Records to ask for in one page (1 to 200). The directory may give fewer.'),
  paging: z
    .enum(['auto', 'index', 'cursor'])
    .default('auto')
    .describe('How lists are paged: auto follows the ServiceProviderConfig of the directory.'),
});
export type ScimConfig = z.infer<typeof ScimConfig>;

export const ScimSecrets = z.strictObject({
  token: z
    .string()
    .min(1)
    .regex(/^[\x21-\x7e]+$/, 'must be one word of printable characters')
    .describe('The bearer token that the directory issued for reading.'),
});
export type ScimSecrets = z.infer<typeof ScimSecrets>;
