import { showEventSchema } from '../../app/flows/show-event-schema.ts';
import { showMappingSchema } from '../../app/flows/show-mapping-schema.ts';
import { definePublicRoute } from '../define-route.ts';
import { Open } from '../fields.ts';

/** Schemas of the files that people write, for their editors, and of the events that others get: open to all, as the programs are. */
export const routes = [
  definePublicRoute({
    method: 'get',
    path: '/schemas/mapping/v1.json',
    summary: 'The JSON Schema of a mapping file.',
    response: Open,
    handle: () => showMappingSchema(),
  }),
  definePublicRoute({
    method: 'get',
    path: '/schemas/events/v1.json',
    summary: 'The JSON Schema of the events that webhooks get.',
    response: Open,
    handle: () => showEventSchema(),
  }),
];
