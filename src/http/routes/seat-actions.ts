import * as z from 'zod';
import { listSeats } from '../../app/flows/list-seats.ts';
import { requestSeatAction, SEAT_ACTIONS } from '../../app/flows/request-seat-action.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, Instant, Open, Slug } from '../fields.ts';
import { PageQuery, pageOf, slicePage } from '../paging.ts';

const Seat = z
  .object({
    connection: z.string(),
    seatRef: z.string(),
    userRef: z.string(),
    personKey: z.string().nullable(),
    product: z.string().meta({ description: 'Our part number.' }),
    skuCode: z.string().meta({ description: 'The product as the vendor spells it.' }),
  })
  .meta({ id: 'Seat' });

const SeatPlan = z
  .object({
    id: z.string(),
    kind: z.literal('seats'),
    subject: z.string(),
    hash: z.string(),
    status: z.string(),
    body: Open.meta({ description: 'What happens to which seat, what is left alone and why.' }),
    createdAt: Instant,
    approvedBy: z.string().nullable(),
    approvedAt: Instant.nullable(),
    appliedAt: Instant.nullable(),
  })
  .meta({ id: 'SeatPlan' });

const Asked = z.strictObject({
  action: z.enum(SEAT_ACTIONS),
  person: FilterText.optional(),
  product: FilterText.optional(),
  connection: Slug.optional(),
  findings: z.array(z.string().min(1).max(100)).min(1).max(500).optional(),
  to: FilterText.optional().meta({ description: 'For reassign: who gets the seat.' }),
  plan: FilterText.optional().meta({
    description: 'For release: the applied plan to take back; absent: the newest about the person.',
  }),
  reason: z.string().min(1).max(1000).optional(),
  apply: z.boolean().default(false).meta({
    description: 'Carries it out at once where that needs nobody else’s word.',
  }),
});

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/seats',
    summary: 'Seats that our own people hold in bought software.',
    permission: 'findings:read',
    query: PageQuery.extend({
      person: FilterText.optional(),
      product: FilterText.optional(),
      connection: Slug.optional(),
    }),
    response: pageOf(Seat),
    handle: async ({ deps, caller, query: { limit, cursor, ...filter } }) =>
      slicePage(await listSeats(deps, caller, filter), { limit, cursor }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/seat-actions',
    summary:
      'Draws up a plan that reclaims, reassigns, holds or releases seats; above the company’s limits it waits for a person.',
    permission: 'seats:write',
    status: 201,
    body: Asked,
    response: SeatPlan,
    handle: ({ deps, caller, body }) => requestSeatAction(deps, caller, body),
  }),
];
