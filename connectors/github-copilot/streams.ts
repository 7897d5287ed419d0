import type { StreamDefinition } from '../../src/sdk/define-connector.ts';
import type { CopilotConfig } from './config.ts';

export const STREAMS: readonly StreamDefinition[] = [
  {
    name: 'billing',
    title: 'Copilot seats that are billed',
    cursor: 'full',
    pageSize: 1,
    personalData: false,
  },
  {
    name: 'seats',
    title: 'Copilot seats and who has them',
    cursor: 'full',
    pageSize: 500,
    personalData: true,
  },
];

/** GitHub sums up the bill of an organisation only; an enterprise has its seats. */
export function streamsOf({ enterprise }: CopilotConfig): readonly string[] {
  return enterprise === undefined ? ['billing', 'seats'] : ['seats'];
}

export const FIELDS: Readonly<Record<string, readonly string[]>> = {
  billing: ['organization', 'plan_type', 'seat_breakdown', 'seat_management_setting'],
  seats: ['assignee', 'organizations', 'plan_type', 'created_at', 'last_activity_at', 'last_activity_editor', 'pending_cancellation_date'],
}; // prettier-ignore
