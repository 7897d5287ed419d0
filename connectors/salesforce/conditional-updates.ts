import * as z from 'zod';
import { RemoteUnavailable } from '../../src/sdk/kernel.ts';
import { CHANGED_SINCE_READ, type WriteResult } from '../../src/sdk/write.ts';
import type { SalesforceClient } from './client.ts';
import type { Draft } from './drafts.ts';
import { noOutcome, savedOutcome } from './outcomes.ts';

/** `/composite` takes so many calls at once, and counts as one of the organisation's. */
export const SEEN_AT_ONCE = 25;

const Reply = z.object({
  compositeResponse: z.array(
    z.object({ referenceId: z.string(), httpStatusCode: z.int(), body: z.unknown() }),
  ),
});
type SubReply = z.infer<typeof Reply>['compositeResponse'][number];

/** An error body of the REST API; its key is `errorCode` here and `statusCode` in a collection. */
const Problems = z.array(
  z.object({ errorCode: z.string(), message: z.string(), fields: z.array(z.string()).default([]) }),
);

/** A draft whose record was read just before, with the time of its last change. */
interface SeenDraft {
  readonly draft: Draft;
  readonly id: string;
  readonly changedAt: string;
}

/** The drafts that can be made conditional, and the others. */
export function splitSeen(drafts: readonly Draft[]): {
  readonly seen: readonly SeenDraft[];
  readonly rest: readonly Draft[];
} {
  const seen: SeenDraft[] = [];
  const rest: Draft[] = [];
  for (const draft of drafts) {
    const { asRead } = draft.request;
    const isDated = !Number.isNaN(Date.parse(asRead?.changedAt ?? ''));
    if (asRead && isDated) seen.push({ draft, id: asRead.vendorId, changedAt: asRead.changedAt ?? '' });
    else rest.push(draft);
  }
  return { seen, rest };
} // prettier-ignore

/**
 * Updates records on the condition that nobody changed them since they were read (`If-Unmodified-Since`, which Salesforce
 * has for single rows only; hence `/composite`). It compares whole seconds, so what changes within the second of the
 * record's last change passes. At most
 * SEEN_AT_ONCE of them; one result each, in order.
 */
export async function updateUnchanged(
  client: SalesforceClient,
  object: string,
  seen: readonly SeenDraft[],
): Promise<readonly WriteResult[]> {
  const what = `updating ${object}`;
  const compositeRequest = seen.map(({ draft, id, changedAt }, at) => ({
    method: 'PATCH',
    url: `/services/data/v${client.apiVersion}/sobjects/${object}/${id}`,
    referenceId: `row${at}`,
    httpHeaders: { 'If-Unmodified-Since': new Date(changedAt).toUTCString() },
    body: draft.body,
  }));
  const body = { allOrNone: false, collateSubrequests: false, compositeRequest };
  const call = { what, method: 'POST', path: '/composite', body } as const;
  const { compositeResponse } = await client.call(Reply, call);
  if (compositeResponse.length !== seen.length)
    throw new RemoteUnavailable(
      `Salesforce gave ${compositeResponse.length} outcomes for ${seen.length} records while ${what}. Read the records back to see what was applied.`,
    );
  const byName = new Map(compositeResponse.map((reply) => [reply.referenceId, reply]));
  return seen.map((each, at) => outcomeOf(each, byName.get(`row${at}`)));
}

function outcomeOf({ draft, id }: SeenDraft, reply: SubReply | undefined): WriteResult {
  const { request } = draft;
  if (reply === undefined) return noOutcome(request);
  const { httpStatusCode: status } = reply;
  if (status >= 200 && status < 300) return savedOutcome(request, { id, success: true, errors: [] });
  // Our own record that is gone by now is made again, once it has been looked for.
  const isGone = status === 404 && request.vendorId === null;
  if (status === 412 || isGone) return changed(draft, id);
  const problems = Problems.safeParse(reply.body);
  const errors = problems.success
    ? problems.data.map(({ errorCode, ...rest }) => ({ statusCode: errorCode, ...rest }))
    : [];
  if (errors.length > 0) return savedOutcome(request, { success: false, errors });
  return noOutcome(request);
} // prettier-ignore

function changed({ request: { externalId } }: Draft, id: string): WriteResult {
  const message = `${id} was changed by somebody after it was read, so nothing was written. It is read and decided again.`;
  return { kind: 'retry', externalId, code: CHANGED_SINCE_READ, message };
}
