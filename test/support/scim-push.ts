import type { Answer, TestApi } from './api.ts';

/** A client that pushes into one directory, as an identity provider does. */
export interface PushClient {
  readonly token: string;
  /** A new user with these attributes over the least that one needs; fails unless it is taken. */
  newUser(attributes?: Readonly<Record<string, unknown>>): Promise<Answer['body']>;
  newGroup(displayName: string, members?: readonly string[]): Promise<Answer['body']>;
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
}

let made = 0;

/** A client with that token. */
export function pushClient(api: Pick<TestApi, 'call'>, token: string): PushClient {
  const call: PushClient['call'] = (method, path, body, headers = {}) =>
    api.call(method, `/scim/v2${path}`, {
      key: token,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  const post = async (path: string, body: unknown): Promise<Answer['body']> => {
    const answer = await call('POST', path, body);
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body;
  };
  return {
    token,
    call,
    newUser: (attributes = {}) => {
      made += 1;
      const userName = `person${made}@meridian.example`;
      return post('/Users', { schemas: [USER], userName, ...attributes });
    },
    newGroup: (displayName, members = []) =>
      post('/Groups', {
        schemas: [GROUP],
        displayName,
        members: members.map((value) => ({ value })),
      }),
  };
}

/** Adds a directory through the API and gives a client for it. */
export async function addDirectory(
  api: TestApi,
  name: string,
  tenantId = 'acme',
): Promise<PushClient> {
  const { key } = await api.person(tenantId, ['admin']);
  const added = await api.call('POST', '/api/v1/directories', { key, body: { name } });
  if (added.status !== 201) throw new Error(added.text);
  return pushClient(api, added.body.token.text);
}

const URN = 'urn:ietf:params:scim';
export const USER = `${URN}:schemas:core:2.0:User`;
export const GROUP = `${URN}:schemas:core:2.0:Group`;
export const ENTERPRISE = `${URN}:schemas:extension:enterprise:2.0:User`;
export const PATCH_OP = `${URN}:api:messages:2.0:PatchOp`;

/** The body of a PATCH. */
export const patch = (...Operations: readonly unknown[]) => ({ schemas: [PATCH_OP], Operations });
