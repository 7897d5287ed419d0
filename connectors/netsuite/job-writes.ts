import { setTimeout as delay } from 'node:timers/promises';
import {
  Conflict,
  HubError,
  messageOf,
  RemoteRejected,
  RemoteUnavailable,
} from '../../src/sdk/kernel.ts';
import type { Call, NetSuiteClient } from './client.ts';
import { garbled, type Answer } from './errors.ts';
import { isObject, member } from './lossless-json.ts';

/** The first wait before a job is looked at, and the longest; each is half as long again. */
const FIRST_LOOK_MS = 200;
const LONGEST_LOOK_MS = 5_000;

/**
 * Sends a write as an asynchronous job of the vendor and waits for what it gives. `key` names the effect: under a key that it
 * has seen, NetSuite makes no second job, but answers 400 (IDEMPOTENCY_ERROR) with the place of the first, which is then
 * waited for. A job does not end with our connection, so a slow record is not lost to a timeout.
 * Source: NetSuite help, sections 164494900632 and 161278579295. Throws as `client.call` does; RemoteUnavailable when the
 * job is still running at `call.startBefore`.
 */
export async function runAsJob(client: NetSuiteClient, call: Call, key: string): Promise<Answer> {
  const { job, isFirst } = await submit(client, call, key);
  await ended(client, call, job);
  const id = job.slice(job.lastIndexOf('/') + 1);
  return resultOf(client, call, job).catch((error: unknown) => {
    const isRefused = error instanceof RemoteRejected || error instanceof Conflict;
    if (isFirst || !isRefused) throw error;
    return runAsJob(client, call, `${key}-${id}`);
  });
}

/** Where the job is, below `/services/rest`. */
async function submit(
  client: NetSuiteClient,
  call: Call,
  key: string,
): Promise<{ readonly job: string; readonly isFirst: boolean }> {
  const headers = { ...call.headers, prefer: 'respond-async', 'x-netsuite-idempotency-key': key };
  try {
    const { headers: answered } = await client.call({ ...call, headers });
    return { job: jobPath(call, answered['location']), isFirst: true };
  } catch (error) {
    const isRunning =
      error instanceof RemoteRejected && error.details['vendorCode'] === 'IDEMPOTENCY_ERROR';
    if (!isRunning) throw error;
    return { job: jobPath(call, error.details['location']), isFirst: false };
  }
}

function jobPath({ what }: Call, location: unknown): string {
  const id = typeof location === 'string' ? /\/async\/v1\/job\/([\w-]+)/.exec(location)?.[1] : null;
  if (id) return `/async/v1/job/${id}`;
  throw garbled(what, 'it names no job');
}

async function ended(client: NetSuiteClient, call: Call, path: string): Promise<void> {
  const { what, startBefore = Number.POSITIVE_INFINITY } = call;
  for (let wait = FIRST_LOOK_MS; ; wait = Math.min(LONGEST_LOOK_MS, wait * 1.5)) {
    const { body } = await look(client, { method: 'GET', path, what: `follow the job to ${what}`, read: true }); // prettier-ignore
    if (isObject(body) && body['completed'] === true) return;
    if (performance.now() + wait > startBefore)
      throw new RemoteUnavailable(
        `NetSuite's job to ${what} was still running (${path}). It is looked at again later.`,
      );
    await delay(wait * (0.5 + Math.random() / 2));
  }
}

/** The answer that the write would have had by itself. Throws what that answer means. */
async function resultOf(client: NetSuiteClient, { what }: Call, path: string): Promise<Answer> {
  const tasks = await look(client, { method: 'GET', path: `${path}/task`, what, read: true });
  const items = member(tasks.body, 'items');
  const first: unknown = Array.isArray(items) ? items[0] : undefined;
  const id = member(first, 'id');
  if (typeof id !== 'string' || !/^[\w-]+$/.test(id)) throw garbled(what, 'the job has no task');
  const result = { method: 'GET', path: `${path}/task/${id}/result`, what, read: true } as const;
  return client.call(result).catch((error: unknown) => {
    throw error instanceof RemoteRejected || error instanceof Conflict
      ? error
      : stillRunning(error);
  });
}

async function look(client: NetSuiteClient, call: Call): Promise<Answer> {
  return client.call(call).catch((error: unknown) => {
    throw stillRunning(error);
  });
}

/**
 * Once a job was taken, no failure to follow it says that nothing was applied: not a job that is not found, not an account
 * that is too busy, not a login that ended.
 */
function stillRunning(error: unknown): RemoteUnavailable {
  const details = error instanceof HubError ? { vendorCode: error.code } : {};
  return new RemoteUnavailable(messageOf(error), { cause: error, details });
}
