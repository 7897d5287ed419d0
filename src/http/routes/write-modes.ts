import * as z from 'zod';
import { listObserved } from '../../app/flows/list-observed.ts';
import { listWriteModes } from '../../app/flows/list-write-modes.ts';
import { setWriteMode } from '../../app/flows/set-write-mode.ts';
import { defineRoute } from '../define-route.ts';
import { Instant, Open } from '../fields.ts';

const Scope = z.enum(['connection', 'agreement', 'product']);
const Mode = z.enum(['observe', 'propose', 'write']);

const WriteMode = z
  .object({
    scope: Scope,
    ref: z.string(),
    mode: Mode,
    reason: z.string().nullable(),
    setBy: z.string(),
    setAt: Instant,
  })
  .meta({
    id: 'WriteMode',
    description:
      'observe: only shown. propose: plans wait, and none is applied. write: as usual. An agreement or a product goes before the connection; of several the most careful holds.',
  });

const Observed = z.object({
  connection: z.string(),
  object: z.string(),
  canonicalId: z.string(),
  source: z.string(),
  mode: Mode,
  because: z.string(),
  fields: Open,
  worth: z.object({ amount: z.string(), currency: z.string() }).nullable(),
  observedAt: Instant,
});

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/write-modes',
    summary: 'How far connections, agreements and products go; what is not named is written.',
    permission: 'settings:read',
    etag: true,
    response: z.object({ data: z.array(WriteMode) }),
    handle: async ({ deps, caller }) => ({ data: await listWriteModes(deps, caller) }),
  }),
  defineRoute({
    method: 'put',
    path: '/api/v1/write-modes',
    summary: 'Sets how far one connection, agreement or product goes; null takes it away.',
    permission: 'settings:write',
    body: z.strictObject({
      scope: Scope,
      ref: z.string().min(1).max(400),
      mode: Mode.nullable(),
      reason: z.string().max(2000).nullable().default(null),
    }),
    response: z.object({ data: z.array(WriteMode) }),
    handle: async ({ deps, caller, body }) => ({ data: await setWriteMode(deps, caller, body) }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/observed-effects',
    summary:
      'What runs would have written where that is only observed or proposed; most money first.',
    permission: 'plans:read',
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(500).default(100),
      offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
    }),
    response: z.object({ data: z.array(Observed) }),
    handle: async ({ deps, caller, query }) => ({ data: await listObserved(deps, caller, query) }),
  }),
];
