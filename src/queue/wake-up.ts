import { hash } from 'node:crypto';
import type { WorkRef } from './port.ts';

/** The queue's own id of a wake-up. Two wake-ups of one id are one, as long as the first is in the queue. */
export function wakeUpId(ref: WorkRef, nudge: string): string {
  const parts = [ref.tenantId, ref.job, ref.key, ref.version, nudge];
  return hash('sha256', JSON.stringify(parts), 'base64url');
}

/** The refs with one of each tenant in turn, so that no tenant waits behind another one's thousands. */
export function inTurns(refs: readonly WorkRef[]): readonly WorkRef[] {
  const lines = [...Map.groupBy(refs, ({ tenantId }) => tenantId).values()];
  const longest = Math.max(0, ...lines.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) =>
    lines.flatMap((line) => line[turn] ?? []),
  ).flat();
}
