import { call } from '../api.ts';
import type { Draft } from '../mapping-types.ts';
import type { ChangeRequest } from '../review/review-types.ts';
import { mappingPath } from '../use-mapping.ts';
import { asRowEdits, type Edits } from './edits.ts';

/**
 * Saves edits into the draft over what they were begun over: a first save begins with what is in effect, which has to be
 * the version that they were begun over. Returns the tag of the draft.
 */
export async function saveEdits(id: string, edits: Edits): Promise<string | null> {
  const { etag: ifMatch, version } = edits.start;
  const base = ifMatch === null && version !== null ? { baseVersion: version } : {};
  const body = { edits: asRowEdits(edits), ...base };
  return (await call<Draft>(`${mappingPath(id)}/draft`, { method: 'PATCH', body, ifMatch })).etag;
}

/** Asks for a draft to be put in effect: exactly the one of this tag. */
export async function submitDraft(
  id: string,
  etag: string,
  body: { readonly note: string; readonly replay: boolean },
): Promise<ChangeRequest> {
  const path = `${mappingPath(id)}:submit`;
  return (await call<ChangeRequest>(path, { method: 'POST', body, ifMatch: etag })).body;
}

/** For who may do all of it alone: approves the content that was submitted, and publishes it. */
export async function approveAndPublish({ id, hash }: ChangeRequest): Promise<void> {
  await call(`/change-requests/${id}:approve`, { method: 'POST', body: { hash } });
  await call(`/change-requests/${id}:publish`, { method: 'POST', body: {} });
}
