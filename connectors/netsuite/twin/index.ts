import * as z from 'zod';
import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import { defineTwin, type TwinOptions } from '../../../src/sdk/define-twin.ts';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/http.ts';
import {
  createTwinCore,
  serveTwin,
  type TwinCore,
  type TwinMutation,
} from '../../../src/sdk/twin-kit/twin-core.ts';
import { createAuth, createOwnClient, M2mClient, TOKEN_PATH, type TwinAuth } from './auth.ts';
import { changed, commit } from './change.ts';
import { CATALOG_PATH, catalogReply } from './metadata.ts';
import { presentRecord } from './present.ts';
import { problemReply, Refused } from './problem.ts';
import { suiteqlReply, SUITEQL_PATH } from './query.ts';
import { RECORD_PATH, recordReply } from './record.ts';
import { RECORD_TYPES, REST_NAMES } from './schema.ts';
import { createState, resolveIn, type State } from './state.ts';
import type { QueryContext } from './suiteql-run.ts';
import { createTables } from './tables.ts';
import { TbaClient } from './tba.ts';
import { zoneText } from './zone.ts';

/** The installation: what an account's set-up pages hold. Settings of the company as a whole are let through. */
const Settings = z.object({
  accountId: z.string().default('1234567_SB1'),
  timeZone: z.string().default('America/Los_Angeles'),
  dateFormat: z.enum(['M/D/YYYY', 'D/M/YYYY', 'YYYY-MM-DD']).default('M/D/YYYY'),
  packages: z.array(z.string()).default([]),
  m2m: z.array(M2mClient).default([]),
  tba: z.array(TbaClient).default([]),
  /** Objects that the integration's role may not see. */
  denied: z.array(z.string()).default([]),
});
type Settings = z.infer<typeof Settings>;

function spellDate(format: Settings['dateFormat']): (date: string) => string {
  if (format === 'YYYY-MM-DD') return (date) => date;
  return (date) => {
    const [year, month, day] = date.split('-').map(Number);
    return format === 'M/D/YYYY' ? `${month}/${day}/${year}` : `${day}/${month}/${year}`;
  };
}

function mutate(core: TwinCore, state: State, mutation: TwinMutation): string {
  const object = REST_NAMES[mutation.object]?.object ?? mutation.object;
  const type = state.type(object);
  if (type === undefined) throw new Error(`NetSuite's twin has no object "${mutation.object}".`);
  const before = mutation.id === undefined ? undefined : state.get(object, mutation.id);
  if (mutation.operation !== 'create' && before === undefined)
    throw new Error(`There is no ${object} with the id ${mutation.id ?? '(none given)'}.`);
  if (mutation.operation === 'delete') {
    state.remove(object, before?.id ?? '');
    core.hooks.notify(object, before?.id ?? '');
    return before?.id ?? '';
  }
  const onUnknown = (path: string): void => {
    throw new Error(`A ${object} has no field ${path}.`);
  };
  const reading = { resolve: resolveIn(state), onUnknown, onReadOnly: null };
  const defaults =
    type.transaction === undefined
      ? {}
      : {
          tranId: state.nextDocumentNumber(type),
          tranDate: core.clock.now().toISOString().slice(0, 10),
        };
  const id = before?.id ?? mutation.id ?? state.nextId();
  const after = changed(state, type, before, id, mutation.fields as JsonObject, {
    reading,
    replaceLines: false,
    defaults,
  });
  commit(core, state, after);
  return after.id;
}

interface Twin {
  readonly core: TwinCore;
  readonly state: State;
  readonly auth: TwinAuth;
  readonly settings: Settings;
  readonly queryContext: () => QueryContext;
}

async function handle(twin: Twin, request: TwinRequest): Promise<TwinReply> {
  const url = `http://${request.headers['host'] ?? ''}`;
  if (request.path === TOKEN_PATH) return await twin.auth.token(request, url);
  if (!request.path.startsWith('/services/rest/'))
    return problemReply(404, { code: 'NOT_FOUND', detail: 'Page not found.' });
  if (!twin.auth.admits(request, url)) {
    const reply = problemReply(401, { code: 'INVALID_LOGIN', detail: 'Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at Setup > Users/Roles > User Management > View Login Audit Trail.' }); // prettier-ignore
    return {
      ...reply,
      headers: {
        ...reply.headers,
        'WWW-Authenticate': `OAuth realm="${twin.settings.accountId}", error="token_rejected"`,
      },
    };
  }
  try {
    if (request.path === SUITEQL_PATH) return suiteqlReply(request, url, twin.queryContext());
    if (request.path.startsWith(CATALOG_PATH)) return catalogReply(twin.state, request.path, url);
    if (request.path.startsWith(`${RECORD_PATH}/`))
      return recordReply(
        { core: twin.core, state: twin.state, url },
        request,
        new Set(twin.settings.denied),
      );
    return problemReply(404, {
      code: 'NOT_FOUND',
      detail: 'The requested resource does not exist.',
    });
  } catch (error) {
    if (error instanceof Refused) return problemReply(error.status, error.problem);
    throw error;
  }
}

/** Tables of the account less those that its role may not see: to SuiteQL they do not exist. */
function queryContext(core: TwinCore, state: State, settings: Settings): () => QueryContext {
  const zone = zoneText(settings.timeZone);
  const tables = createTables(state, zone);
  const denied = new Set(settings.denied);
  return () => ({
    tables: { get: (name) => (denied.has(name) ? undefined : tables.get(name)) },
    now: zone(core.clock.now()),
    hidden: (object, id) => core.faults.drops(object, id),
    spellDate: spellDate(settings.dateFormat),
  });
}

async function start(options: TwinOptions) {
  const settings = Settings.parse(options.world.settings);
  const core = createTwinCore(options);
  const state = createState(options.world, options.startAt, settings.packages.includes('trueup'));
  const own = await createOwnClient();
  const auth = createAuth([...settings.m2m, own], settings.tba, settings.accountId);
  const twin: Twin = {
    core,
    state,
    auth,
    settings,
    queryContext: queryContext(core, state, settings),
  };
  return await serveTwin(
    core,
    {
      system: 'netsuite',
      handler: (request) => handle(twin, request),
      credentials: (url) => ({
        config: {
          accountId: settings.accountId,
          baseUrl: url,
          auth: 'm2m',
          clientId: own.clientId,
          certificateId: own.certificateId,
          timeZone: settings.timeZone,
        },
        secrets: { privateKey: own.privateKeyPem },
      }),
      mutate: (mutation) => mutate(core, state, mutation),
      reset: () => state.reset(),
      expireTokens: () => auth.expireTokens(),
      objects: RECORD_TYPES.map((type) => type.object),
      // Raw numbers become ordinary ones here: this list is for people and tests.
      records: (object) =>
        state
          .all(object)
          .map(
            (record) =>
              JSON.parse(
                JSON.stringify(presentRecord(state, `${RECORD_PATH}/${object}`, record, true)),
              ) as Record<string, Json>,
          ),
    },
    options,
  );
}

/** NetSuite's stand-in: SuiteQL, record service, metadata catalogue and both logins, over its own state. */
export default defineTwin({ system: 'netsuite', start });
