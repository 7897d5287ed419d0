import * as z from 'zod';
import { listDevices } from '../../app/flows/list-devices.ts';
import { defineRoute } from '../define-route.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const Record = z.object({
  connection: z.string(),
  noun: z.enum(['device', 'host']),
  externalRef: z.string(),
});
const Link = z.object({
  ...Record.shape,
  machineKey: z.string(),
  method: z.enum(['serialNumber', 'hostName', 'own']),
  confidence: z.number(),
  evidence: z.array(z.string()),
});
const Device = z
  .object({
    key: z.string(),
    name: z.string(),
    sources: z.array(Link),
    maybe: z.array(Link),
    unresolved: z.array(
      z.object({
        ...Record.shape,
        reason: z.enum(['serial_shared', 'name_shared', 'serial_contradicts_name']),
        candidates: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'Device' });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/devices',
    summary: 'Machines, each with the records that sources keep of it and why they are held to be one.',
    permission: 'entitlements:read',
    query: PageQuery,
    response: pageOf(Device),
    handle: async ({ deps, caller, query: { cursor, limit } }) => {
      const devices = await listDevices(deps, caller, { after: cursor, limit: limit + 1 });
      return toPage(devices, limit, (row) => row.key);
    },
  }),
]; // prettier-ignore
