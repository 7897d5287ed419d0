import * as z from 'zod';
import { defineTwin, type RunningTwin } from '../../../src/sdk/define-twin.ts';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import {
  createTwinCore,
  serveTwin,
  type TwinMutation,
} from '../../../src/sdk/twin-kit/twin-core.ts';
import { createBulkJobs } from './bulk-jobs.ts';
import { createComet } from './comet.ts';
import { createChangeEvents } from './comet-events.ts';
import { createAuth, TwinClient, type TwinAuth } from './auth.ts';
import { createCollections } from './collections.ts';
import { deriveAll } from './derived.ts';
import { createApiLimits, createRevocation, type ApiLimits } from './limits.ts';
import { deriveHistory } from './field-history.ts';
import { createMutations, type MutationResult, type Mutations } from './mutations.ts';
import { createQueries } from './query.ts';
import { renderWhole } from './render.ts';
import { createOutboundMessages } from './outbound-messages.ts';
import { createReplication } from './replication.ts';
import { answerRest, listVersions, type RestDeps } from './rest.ts';
import { buildSchema } from './schema.ts';
import { createReshaper } from './schema-faults.ts';
import { createState, type TwinState } from './state.ts';
import { withWriteFaults } from './write-faults.ts';

/** How the organisation is installed. */
const Settings = z.looseObject({
  orgId: z.string().default('00DTw0000000001MAA'),
  packages: z.array(z.string()).default(['trueup']),
  clients: z.array(TwinClient).default([]),
  multiCurrency: z.boolean().default(true),
  baseCurrency: z.string().default('USD'),
  /** API calls that it may take; the vendor's figure for a day. */
  apiLimit: z.number().int().positive().default(100_000),
  idLimit: z.number().int().positive().default(600_000),
  deletionLogFrom: z.iso.datetime().nullable().default(null),
  /** The way to sign in that its credentials name; null: the first that its first client can use. */
  grant: z.enum(['jwt', 'client_credentials', 'refresh_token']).nullable().default(null),
});
type Settings = z.infer<typeof Settings>;

/** The faults of `faults.ts` that this twin brings about. */
const ACTIONS = [
  'drop_record',
  'late',
  'page_shift',
  'short_page',
  'partial',
  'row_lock',
  'limit',
  'overload',
  'revoke',
  'hide_field',
  'retype_field',
  'expire_locator',
  'duplicate_event',
  'reorder',
  'gap',
  'overflow',
  'expire_replay',
] as const;

/** A change made at the vendor's own screen. Throws with the vendor's words when it is refused. */
function mutate(state: TwinState, mutations: Mutations, mutation: TwinMutation): string {
  const object = state.object(mutation.object);
  const { operation, id, into, fields, lateSeconds } = mutation;
  const apply = (): MutationResult => {
    if (operation === 'create') return mutations.create(object, fields, 'person');
    if (id === undefined) throw new Error(`Give the id of the ${object.name} to ${operation}.`);
    if (operation === 'delete') return mutations.remove(object, id, 'person');
    if (operation === 'undelete') return mutations.undelete(object, id, 'person');
    if (operation === 'purge') return mutations.purge(object, id, 'person');
    if (operation === 'update') return mutations.update(object, id, fields, 'person');
    if (into === undefined) throw new Error(`Give the ${object.name} to merge ${id} into.`);
    return mutations.merge(object, id, into, 'person');
  };
  const result = lateSeconds === undefined ? apply() : state.late(lateSeconds, apply);
  if (result.ok) return result.record.id;
  throw new Error(result.errors.map((each) => `${each.code}: ${each.message}`).join('; '));
}

function createHandler(
  deps: RestDeps & {
    readonly auth: TwinAuth;
    readonly now: () => Date;
    readonly limits: ApiLimits;
  },
) {
  const answer = (request: TwinRequest): TwinReply => {
    if (request.path === '/services/oauth2/token')
      return deps.auth.token(request, `http://${request.headers['host'] ?? ''}`);
    if (request.path === '/services/data' || request.path === '/services/data/')
      return listVersions();
    if (!request.path.startsWith('/services/data/'))
      return {
        status: 404,
        headers: { 'content-type': 'text/html' },
        body: '<html>URL No Longer Exists</html>',
      };
    const reply = deps.limits.count() ?? deps.auth.check(request) ?? answerRest(deps, request);
    const { used, limit } = deps.apiUsage();
    return {
      ...reply,
      headers: { ...reply.headers, 'sforce-limit-info': `api-usage=${used}/${limit}` },
    };
  };
  return (request: TwinRequest): TwinReply => {
    const reply = answer(request);
    return { ...reply, headers: { ...reply.headers, date: deps.now().toUTCString() } };
  };
}

/** What `connections add` needs, for whichever grant this organisation's first client can use. */
function credentialsOf(
  auth: TwinAuth,
  url: string,
  chosen: Settings['grant'],
): RunningTwin['credentials'] {
  const { clientId, clientSecret, username, refreshToken } = auth.client;
  const { privateKeyPem: privateKey } = auth;
  const grant = chosen ?? (privateKey === null ? 'client_credentials' : 'jwt');
  return {
    config: { loginUrl: url, instanceUrl: url, clientId, username, grant, apiVersion: '67.0' },
    secrets: {
      ...(privateKey === null ? {} : { privateKey }),
      ...(clientSecret === undefined ? {} : { clientSecret }),
      ...(grant === 'refresh_token' && refreshToken !== undefined ? { refreshToken } : {}),
    },
  };
}

export default defineTwin({
  system: 'salesforce',
  start: (options) => {
    const core = createTwinCore(options);
    const settings = Settings.parse(options.world.settings);
    const now = (): Date => core.clock.now();
    const { faults } = core;
    const events = createChangeEvents({ faults, now, seed: options.seed });
    const state = events.watch(createState(buildSchema(settings), now, createReshaper(faults)));
    const plain = createMutations(state, core, settings.baseCurrency);
    const mutations = withWriteFaults(plain, state, faults);
    const queries = createQueries({ state, faults: core.faults, now, seed: options.seed });
    const isRevoked = createRevocation(faults);
    const auth = createAuth({ orgId: settings.orgId, clients: settings.clients, now, isRevoked });
    const limits = createApiLimits(faults, settings.apiLimit);
    const bulk = createBulkJobs({ state, mutations, faults, now, seed: options.seed });
    core.hooks.useForm(createOutboundMessages(settings.orgId));
    const comet = createComet({ state, events, auth, faults, now });
    const load = (): void => {
      state.load(options.world);
      deriveAll(state);
      deriveHistory(state, now().getTime());
      for (const part of [events, comet, bulk]) part.reset();
      queries.reset();
      auth.reset();
      limits.reset();
    };
    load();
    const handler = createHandler({
      state,
      mutations,
      queries,
      bulk,
      auth,
      now,
      collections: createCollections(state, mutations),
      replication: createReplication({ state, faults, now, settings }),
      apiUsage: () => limits.usage(),
      limits,
    });
    return serveTwin(
      core,
      {
        system: 'salesforce',
        handler: comet.wrap(handler),
        mutate: (mutation) => mutate(state, mutations, mutation),
        reset: load,
        expireTokens: () => auth.expireTokens(),
        objects: [...state.schema.keys()],
        actions: ACTIONS,
        operations: ['undelete', 'purge', 'merge'],
        records: (object) =>
          state
            .ordered(object)
            .filter((record) => record.values.get('IsDeleted') !== true)
            .map((record) => renderWhole(state, 'v67.0', record)),
        credentials: (url) => credentialsOf(auth, url, settings.grant),
      },
      options,
    );
  },
});
