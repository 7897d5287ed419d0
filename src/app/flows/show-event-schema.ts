import { eventSchema } from '../../delivery/webhooks/event-types.ts';

/** The JSON Schema of the events that webhooks get. */
export async function showEventSchema(): Promise<Readonly<Record<string, unknown>>> {
  return eventSchema();
}
