import * as z from 'zod';
import { listCertificates } from '../../app/flows/list-certificates.ts';
import { showCertificate } from '../../app/flows/show-certificate.ts';
import { defineRoute } from '../define-route.ts';
import { FilterText, IdParam, Instant, Slug } from '../fields.ts';
import { PageQuery, pageOf, toPage } from '../paging.ts';

const count = z.number().int();

const StoredCertificate = z
  .object({
    id: z.string(),
    runId: z.string(),
    connection: z.string(),
    stream: z.string(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    method: z.enum(['count', 'keys', 'bucket-hash', 'none']),
    sourceCount: count.nullable(),
    distinctIds: count,
    movedOut: count,
    missingIds: z.array(z.string()),
    missingCount: count,
    staleIds: z.array(z.string()),
    staleCount: count,
    caughtLate: count,
    removed: count,
    held: count,
    holdId: z.string().nullable(),
    caveats: z.array(z.string()),
    closed: z.boolean().nullable(),
    madeAt: Instant,
  })
  .meta({
    id: 'StoredCertificate',
    description: 'The proof of one read, kept when the rows of its run are gone.',
  });

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/certificates',
    summary: 'The proofs of all reads, newest first.',
    permission: 'runs:read',
    query: PageQuery.extend({
      connection: Slug.optional(),
      stream: FilterText.optional(),
      closed: z.enum(['yes', 'caveats', 'no', 'none']).optional().meta({
        description:
          '`caveats`: closed, with something that could not be proven; `none`: windows that could not be counted',
      }),
    }),
    response: pageOf(StoredCertificate),
    handle: async ({ deps, caller, query: { cursor, limit, ...filter } }) =>
      toPage(
        await listCertificates(deps, caller, { ...filter, before: cursor, limit: limit + 1 }),
        limit,
        (row) => row.id,
      ),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/certificates/{id}',
    summary: 'The proof of one read.',
    permission: 'runs:read',
    params: IdParam,
    etag: true,
    response: StoredCertificate,
    handle: ({ deps, caller, params }) => showCertificate(deps, caller, params.id),
  }),
];
