import {
  AuthExpired,
  RateLimited,
  RemoteRejected,
  ValidationError,
  type Json,
  type JsonObject,
} from '../../src/sdk/kernel.ts';
import type { ReadBackRecord, WriteRequest, WriteResult } from '../../src/sdk/write.ts';
import { notTried, outcomeOfFailure } from '../../src/sdk/write-outcome.ts';
import { LIMITS } from './limits.ts';
import { atStart, type Directory } from './list-walk.ts';
import { readListResponse } from './list-response.ts';
import { personalityOf, type Personality } from './personality.ts';
import { versionOf } from './scim-client.ts';
import type { SeatWriter } from './writers.ts';

/** What is asked of one resource: one PATCH, all of it or none. */
interface Asked {
  readonly request: WriteRequest;
  readonly operation: Json;
}

/** Whose habits the directory has, asked for once a session and only when something is written. */
export function habitsOf(directory: Directory): () => Promise<Personality> {
  let known: Promise<Personality> | null = null;
  const ask = async (): Promise<Personality> => {
    const path = '/Users';
    const query = { ...(await atStart(directory)), count: 1 };
    const { body, headers } = await directory.client.ask(path, query);
    const { rows } = readListResponse(body, { path, count: 1 });
    return personalityOf(await directory.provider(), { headers, rows });
  };
  return () => {
    known ??= ask().catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
}

/**
 * Writes logins, seats and memberships: one PATCH a resource, on the condition that it is as it was read. Requests of one
 * resource go together; where the directory refuses them together they go one by one, so that one does not hold the
 * others. No call starts once a call's time is over since the begin.
 */
export async function writeSeats(
  directory: Directory,
  habits: () => Promise<Personality>,
  writer: SeatWriter,
  requests: readonly WriteRequest[],
): Promise<readonly WriteResult[]> {
  const results = new Map<string, WriteResult>();
  const byPath = new Map<string, Asked[]>();
  const asked = await habits().then((as) => ({ as }), (error: unknown) => ({ error })); // prettier-ignore
  if ('error' in asked) return requests.map((request) => notTried(request, asked.error));
  for (const request of requests) {
    try {
      const { path, operation } = askedOf(writer, asked.as, request);
      if (operation === null) results.set(request.externalId, applied(request));
      else byPath.set(path, [...(byPath.get(path) ?? []), { request, operation }]);
    } catch (error) {
      results.set(request.externalId, outcomeOfFailure(request, error));
    }
  }
  const ends = performance.now() + LIMITS.timeoutMs;
  let stop: unknown = null;
  for (const [path, together] of byPath) {
    if (stop === null && performance.now() >= ends) stop = new Error('the batch took too long');
    const told =
      stop === null
        ? await patchTogether(directory, path, together)
        : together.map(({ request }) => ({ result: notTried(request, stop), error: stop }));
    for (const { result } of told) results.set(result.externalId, result);
    stop = told.find(({ error }) => endsBatch(error))?.error ?? stop;
  }
  return requests.map(({ externalId }) => results.get(externalId) ?? unknown(externalId));
}

function askedOf(
  writer: SeatWriter,
  as: Personality,
  { vendorId, fields }: WriteRequest,
): { readonly path: string; readonly operation: Json | null } {
  const path = writer.pathOf(vendorId);
  const parsed = writer.fields.safeParse(fields);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path[0];
    throw new RemoteRejected(
      `${writer.object} has no ${String(field)} that could be written so: ${issue?.message ?? ''}.`,
      { field: String(field) },
    );
  }
  return { path, operation: writer.operation(as, vendorId ?? '', parsed.data as JsonObject) };
}

/** A directory that asks us to slow down, or does not know the login any more, is not asked further. */
function endsBatch(error: unknown): boolean {
  return error instanceof RateLimited || error instanceof AuthExpired;
}

interface Told {
  readonly result: WriteResult;
  readonly error: unknown;
}

async function patchTogether(
  directory: Directory,
  path: string,
  asked: readonly Asked[],
): Promise<readonly Told[]> {
  try {
    await patch(directory, path, asked);
    return asked.map(({ request }) => ({ result: applied(request), error: null }));
  } catch (error) {
    if (!(error instanceof RemoteRejected) || asked.length === 1)
      return asked.map(({ request }) => ({ result: outcomeOfFailure(request, error), error }));
  }
  // A refused PATCH changed nothing. Which of the operations it did not like, it rarely says.
  const told: Told[] = [];
  for (const each of asked) told.push(...(await patchTogether(directory, path, [each])));
  return told;
}

/** Where the record was not read for the decision, or has moved by our own hand, it is read right before. */
async function patch({ client }: Directory, path: string, asked: readonly Asked[]): Promise<void> {
  const operations = asked.map(({ operation }) => operation);
  const versions = new Set(asked.map(({ request }) => request.asRead?.version ?? null));
  const [read = null] = versions.size === 1 ? versions : [];
  const version = read ?? versionOf((await client.find(path, leanQuery(path))) ?? {});
  await client.patch(path, operations, version);
}

/** A group is not asked for its members where only its version is wanted. */
function leanQuery(path: string): Readonly<Record<string, string>> {
  return path.startsWith('/Groups/') ? { excludedAttributes: 'members' } : {};
}

function applied({ externalId, vendorId }: WriteRequest): WriteResult {
  return { kind: 'applied', externalId, vendorId, warnings: [] };
}

function unknown(externalId: string): WriteResult {
  const message = 'The directory gave no result for this record.';
  return { kind: 'unknown', externalId, code: 'no_answer', message, mayArrive: true };
}

/** How these logins, seats and memberships are now; a person or group that is gone holds nothing. */
export async function readSeats(
  { client }: Directory,
  writer: SeatWriter,
  vendorIds: readonly string[],
): Promise<readonly ReadBackRecord[]> {
  const byPath = Map.groupBy(
    vendorIds.filter((id) => isKey(writer, id)),
    (id) => writer.pathOf(id),
  );
  const paths = [...byPath.keys()];
  const records: ReadBackRecord[] = [];
  for (let at = 0; at < paths.length; at += LIMITS.concurrency) {
    const some = paths.slice(at, at + LIMITS.concurrency);
    const read = await Promise.all(some.map((path) => client.find(path)));
    records.push(
      ...some.flatMap((path, index) => recordsOf(writer, byPath.get(path) ?? [], read[index])),
    );
  }
  return records;
}

/** What no key can be read from was never written: its request was refused. */
function isKey(writer: SeatWriter, vendorId: string): boolean {
  try {
    writer.pathOf(vendorId);
    return true;
  } catch (error) {
    if (error instanceof ValidationError) return false;
    throw error;
  }
}

function recordsOf(
  writer: SeatWriter,
  vendorIds: readonly string[],
  resource: JsonObject | undefined,
): readonly ReadBackRecord[] {
  const version = resource === undefined ? null : versionOf(resource);
  return vendorIds.map((vendorId) => ({
    externalId: vendorId,
    intentId: null,
    vendorId,
    fields: writer.held(vendorId, resource),
    version,
  }));
}
