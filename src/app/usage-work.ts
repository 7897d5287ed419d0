import type { WorkItem } from '../queue/outbox.ts';

/** The work of counting use anew where something changed. */
export const deriveWork: WorkItem = { job: 'derive-usage', key: '', payload: {} };
