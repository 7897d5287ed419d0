import * as z from 'zod';
import { defineTwin, type RunningTwin } from '../../../src/sdk/define-twin.ts';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/http.ts';
import {
  createTwinCore,
  serveTwin,
  type TwinMutation,
} from '../../../src/sdk/twin-kit/twin-core.ts';
import { createAuth, TwinClient, type TwinAuth } from './auth.ts';
import { createCollections } from './collections.ts';
import { deriveAll } from './derived.ts';
import { createMutations, type MutationResult, type Mutations } from './mutations.ts';
import { createQueries } from './query.ts';
import { renderWhole } from './render.ts';
import { answerRest, listVersions, type RestDeps } from './rest.ts';
import { buildSchema } from './schema.ts';
import { createState, type TwinState } from './state.ts';

/** How the organisation is installed. */
const Settings = z.looseObject({
  orgId: z.string().default('00DTw0000000001MAA'),
  packages: z.array(z.string()).default(['trueup']),
  clients: z.array(TwinClient).default([]),
  multiCurrency: z.boolean().default(true),
  baseCurrency: z.string().default('USD'),
});

const API_LIMIT = 100_000;

/** A change made at the vendor's own screen. Throws with the vendor's words when it is refused. */
function mutate(state: TwinState, mutations: Mutations, mutation: TwinMutation): string {
  const object = state.object(mutation.object);
  const apply = (): MutationResult => {
    if (mutation.operation === 'create') return mutations.create(object, mutation.fields, 'person');
    if (mutation.id === undefined)
      throw new Error(`Give the id of the ${object.name} to ${mutation.operation}.`);
    if (mutation.operation === 'delete') return mutations.remove(object, mutation.id, 'person');
    return mutations.update(object, mutation.id, mutation.fields, 'person');
  };
  const result = apply();
  if (result.ok) return result.record.id;
  throw new Error(result.errors.map((each) => `${each.code}: ${each.message}`).join('; '));
}

function createHandler(
  deps: RestDeps & {
    readonly auth: TwinAuth;
    readonly now: () => Date;
    readonly countCall: () => void;
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
    deps.countCall();
    const reply = deps.auth.check(request) ?? answerRest(deps, request);
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
function credentialsOf(auth: TwinAuth, url: string): RunningTwin['credentials'] {
  const { clientId, clientSecret, username } = auth.client;
  const { privateKeyPem: privateKey } = auth;
  const grant = privateKey === null ? 'client_credentials' : 'jwt';
  return {
    config: { loginUrl: url, instanceUrl: url, clientId, username, grant, apiVersion: '67.0' },
    secrets: {
      ...(privateKey === null ? {} : { privateKey }),
      ...(clientSecret === undefined ? {} : { clientSecret }),
    },
  };
}

export default defineTwin({
  system: 'salesforce',
  start: (options) => {
    const core = createTwinCore(options);
    const settings = Settings.parse(options.world.settings);
    const now = (): Date => core.clock.now();
    const state = createState(buildSchema(settings), now);
    const mutations = createMutations(state, core, settings.baseCurrency);
    const queries = createQueries({ state, faults: core.faults, now, seed: options.seed });
    const auth = createAuth({ orgId: settings.orgId, clients: settings.clients, now });
    let used = 0;
    const load = (): void => {
      state.load(options.world);
      deriveAll(state);
      queries.reset();
      used = 0;
    };
    load();
    const handler = createHandler({
      state,
      mutations,
      queries,
      auth,
      now,
      collections: createCollections(state, mutations),
      apiUsage: () => ({ used, limit: API_LIMIT }),
      countCall: () => {
        used += 1;
      },
    });
    return serveTwin(
      core,
      {
        system: 'salesforce',
        handler,
        mutate: (mutation) => mutate(state, mutations, mutation),
        reset: load,
        expireTokens: () => auth.expireTokens(),
        objects: [...state.schema.keys()],
        records: (object) =>
          state
            .ordered(object)
            .filter((record) => record.values.get('IsDeleted') !== true)
            .map((record) => renderWhole(state, 'v67.0', record)),
        credentials: (url) => credentialsOf(auth, url),
      },
      options,
    );
  },
});
