import type { ConnectorSession } from '../../sdk/define-connector.ts';
import type { PageToken, SourceRecord } from '../../sdk/record.ts';
import { RemoteRejected } from '../../kernel/errors.ts';
import type { Registry } from '../../registry/load-registry.ts';
import { connectorOf } from '../connector-of.ts';
import { openSession, type ConnectionDraft, type OpenSessionDeps } from '../open-session.ts';
import { draftVault } from '../vault.ts';

/** What a connection said, whole: its records by stream. */
export type SourceRecords = ReadonlyMap<string, readonly SourceRecord[]>;

/**
 * Reads streams of a system to their ends through its connector, as a pull does. Throws the connector's remote errors, and
 * RemoteRejected where a record could not be read or the source counts others than came.
 */
export async function readSource(
  deps: OpenSessionDeps & { readonly registry: Registry },
  draft: ConnectionDraft,
  streams: readonly string[],
): Promise<SourceRecords> {
  const connector = connectorOf(deps.registry, draft.connector);
  const session = await openSession(deps, draft, {
    vault: (register) => draftVault({ connector, connection: draft.id, register }, draft.secrets),
    reportUsage: () => undefined,
    gate: (call) => call(),
  });
  try {
    const read = new Map<string, readonly SourceRecord[]>();
    for (const stream of streams) read.set(stream, await readStream(session, draft.id, stream));
    return read;
  } finally {
    await session.close();
  }
}

async function readStream(
  session: ConnectorSession,
  connection: string,
  stream: string,
): Promise<readonly SourceRecord[]> {
  const window = await session.openWindow(stream, null);
  const records = new Map<string, SourceRecord>();
  let unread = 0;
  let after: PageToken | null = null;
  do {
    const page: Awaited<ReturnType<ConnectorSession['readPage']>> = await session.readPage(
      stream,
      window,
      after,
    );
    for (const record of page.records) records.set(record.id, record);
    unread += page.unreadable.length;
    after = page.next;
  } while (after !== null);
  const counted = await session.countWindow(stream, window);
  if (unread > 0 || (counted !== null && counted !== records.size))
    throw new RemoteRejected(
      `${connection} ${stream} was not read whole: ${records.size} records came, ${unread} could not be read, the source counts ${counted ?? 'none'}.`,
    );
  return [...records.values()];
}
