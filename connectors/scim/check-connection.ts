import type { ConnectionCheck, StreamDefinition } from '../../src/sdk/define-connector.ts';
import { isPassing } from '../../src/sdk/is-passing.ts';
import { HubError } from '../../src/sdk/kernel.ts';
import { describeObject } from './describe-object.ts';
import { readListResponse } from './list-response.ts';
import type { ScimClient } from './scim-client.ts';

const FIXES: Readonly<Record<string, string>> = {
  auth_expired: 'Issue a token that may read Users and Groups, and give it to the connection.',
  remote_rejected: 'Check the base URL: it is the part before /Users.',
  forbidden: 'Allow private networks for this connection, or use a public host.',
};

async function tried(name: string, attempt: () => Promise<string>): Promise<ConnectionCheck> {
  try {
    return { name, ok: true, detail: await attempt(), fix: null };
  } catch (error) {
    if (!(error instanceof HubError) || isPassing(error)) throw error;
    const fix = FIXES[error.code] ?? 'Ask the directory’s administrator.';
    return { name, ok: false, detail: error.message, fix };
  }
}

async function readOne(client: ScimClient, stream: string): Promise<number | null> {
  const path = `/${stream}`;
  const body = await client.get(path, { startIndex: 1, count: 1 });
  return readListResponse(body, { path, count: 1 }).total;
}

function countCheck(stream: string, total: number | null): ConnectionCheck {
  const name = `count ${stream}`;
  if (total !== null) return { name, ok: true, detail: `${total} records`, fix: null };
  return {
    name,
    ok: false,
    detail: `The directory gives no totalResults for ${stream}, so completeness cannot be certified.`,
    fix: 'Ask the directory’s vendor for totalResults, which RFC 7644 §3.4.2 requires.',
  };
}

async function checkStream(
  client: ScimClient,
  stream: string,
): Promise<readonly ConnectionCheck[]> {
  let total: number | null = null;
  const read = await tried(`read ${stream}`, async () => {
    total = await readOne(client, stream);
    return `${stream} can be read`;
  });
  if (!read.ok) return [read];
  const describe = await tried(`describe ${stream}`, async () => {
    const { fields } = await describeObject(client, stream);
    return `${fields.length} fields`;
  });
  return [read, countCheck(stream, total), describe];
}

/** Login, then each stream: readable, countable, described. Throws RemoteUnavailable and RateLimited alone. */
export async function checkConnection(
  client: ScimClient,
  streams: readonly StreamDefinition[],
): Promise<readonly ConnectionCheck[]> {
  const login = await tried('login', async () => {
    await readOne(client, streams[0]?.name ?? 'Users');
    return 'The token is accepted';
  });
  if (!login.ok) return [login];
  const checks: ConnectionCheck[] = [login];
  for (const { name } of streams) checks.push(...(await checkStream(client, name)));
  return checks;
}
