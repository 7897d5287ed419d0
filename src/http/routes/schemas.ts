import { showMappingSchema } from '../../app/flows/show-mapping-schema.ts';
import { definePublicRoute } from '../define-route.ts';
import { Open } from '../fields.ts';

/** Schemas of the files that people write, for their editors: open to all, as the programs are. */
export const routes = [
  definePublicRoute({
    method: 'get',
    path: '/schemas/mapping/v1.json',
    summary: 'The JSON Schema of a mapping file.',
    response: Open,
    handle: () => showMappingSchema(),
  }),
];
