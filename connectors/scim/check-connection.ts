import type { ConnectionCheck, StreamDefinition } from '../../src/sdk/define-connector.ts';
import { isPassing } from '../../src/sdk/is-passing.ts';
import { HubError } from '../../src/sdk/kernel.ts';
import { describeObject } from './describe-object.ts';
import { readListResponse } from './list-response.ts';
import { atStart, type Directory } from './list-walk.ts';
import { describePersonality, personalityOf } from './personality.ts';

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

async function readOne(directory: Directory, stream: string): Promise<number | null> {
  const path = `/${stream}`;
  const body = await directory.client.get(path, { ...(await atStart(directory)), count: 1 });
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
  directory: Directory,
  stream: string,
): Promise<readonly ConnectionCheck[]> {
  let total: number | null = null;
  const read = await tried(`read ${stream}`, async () => {
    total = await readOne(directory, stream);
    return `${stream} can be read`;
  });
  if (!read.ok) return [read];
  const describe = await tried(`describe ${stream}`, async () => {
    const { fields } = await describeObject(directory.client, stream);
    return `${fields.length} fields`;
  });
  return [read, countCheck(stream, total), describe];
}

/** Whose habits the directory has, so that an administrator sees that it is the one that was meant. */
async function checkPersonality(directory: Directory, stream: string): Promise<ConnectionCheck> {
  const { client, config } = directory;
  return tried('directory', async () => {
    const provider = await directory.provider();
    const path = `/${stream}`;
    const query = { ...(await atStart(directory)), count: 5 };
    const { body, headers } = await client.ask(path, query);
    const { rows } = readListResponse(body, { path, count: 5 });
    return describePersonality(personalityOf(provider, { headers, rows }), provider, config.paging);
  });
}

/**
 * Login, whose habits the directory has, then each stream: readable, countable, described. Throws RemoteUnavailable and
 * RateLimited alone.
 */
export async function checkConnection(
  directory: Directory,
  streams: readonly StreamDefinition[],
): Promise<readonly ConnectionCheck[]> {
  const first = streams[0]?.name ?? 'Users';
  const login = await tried('login', async () => {
    await readOne(directory, first);
    return 'The token is accepted';
  });
  if (!login.ok) return [login];
  const checks: ConnectionCheck[] = [login, await checkPersonality(directory, first)];
  for (const { name } of streams) checks.push(...(await checkStream(directory, name)));
  return checks;
}
