import * as z from 'zod';
import { hashJson } from '../../src/sdk/kernel.ts';
import type { SalesforceConfig, SalesforceSecrets } from './settings.ts';

/** A live session as the processes of one connection share it. */
const SharedSession = z.object({
  accessToken: z.string().min(1),
  instanceUrl: z.string().min(1),
  /** Which credentials it was given for: other ones have to prove themselves. */
  credentials: z.string(),
});
export type SharedSession = z.infer<typeof SharedSession>;

/** Names the credentials without saying them. A refresh token is left out: it changes with each use. */
function credentialsOf(config: SalesforceConfig, secrets: SalesforceSecrets): string {
  const { loginUrl, clientId, grant, username = null } = config;
  const { privateKey = null, clientSecret = null } = secrets;
  const { instanceUrl = null } = config;
  return hashJson({ loginUrl, instanceUrl, clientId, grant, username, privateKey, clientSecret });
}

/** The session that is stored with the secrets, if it was given for these credentials. */
export function storedSession(
  config: SalesforceConfig,
  secrets: SalesforceSecrets,
): SharedSession | null {
  if (secrets.session === undefined) return null;
  const parsed = SharedSession.safeParse(jsonOf(secrets.session));
  if (!parsed.success || parsed.data.credentials !== credentialsOf(config, secrets)) return null;
  return parsed.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The secrets with what a login gave: the session, and the next refresh token where tokens rotate. */
export function withSession(
  config: SalesforceConfig,
  secrets: SalesforceSecrets,
  given: {
    readonly accessToken: string;
    readonly instanceUrl: string;
    readonly refreshToken?: string | undefined;
  },
): SalesforceSecrets {
  const { refreshToken = secrets.refreshToken, ...tokens } = given;
  const session: SharedSession = { ...tokens, credentials: credentialsOf(config, secrets) };
  return {
    ...secrets,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    session: JSON.stringify(session),
  };
}
