import type { TwinWorld } from '../../../src/sdk/define-twin.ts';
import type { JsonObject } from '../../../src/sdk/kernel.ts';
import { seededRandom } from '../../../src/sdk/twin-kit/faults.ts';

const SEATS = 620;
/** Members of the organisation that have no seat yet. */
const MEMBERS_WITHOUT = 30;

/** An organisation that pays for seats, some idle and some about to end; the same seed gives the same organisation. */
export function ownWorld(seed: number): TwinWorld {
  const random = seededRandom(seed);
  const seats = Array.from({ length: SEATS }, (_, at): JsonObject => {
    const idle = random() < 0.4;
    return {
      assignee: { id: 10_000 + at, login: `octo-${at}`, type: 'User' },
      organization: { login: 'meridian' },
      plan_type: 'business',
      created_at: '2025-09-01T08:00:00Z',
      last_activity_at: idle ? null : '2026-02-27T10:00:00Z',
      last_activity_editor: idle ? null : 'vscode/1.97.0',
      pending_cancellation_date: random() < 0.02 ? '2026-03-31' : null,
    };
  });
  const members = Array.from({ length: MEMBERS_WITHOUT }, (_, at) => ({
    id: 10_000 + SEATS + at,
    login: `octo-${SEATS + at}`,
  }));
  return {
    objects: { seats, members },
    settings: { organization: 'meridian', token: 'twin-token-copilot' },
  };
}
