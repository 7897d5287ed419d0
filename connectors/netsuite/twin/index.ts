import type { Json } from '../../../src/sdk/kernel.ts';
import { defineTwin, type TwinOptions } from '../../../src/sdk/define-twin.ts';
import type { StateAction } from '../../../src/sdk/twin-kit/faults.ts';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import { createTwinCore, serveTwin, type TwinCore } from '../../../src/sdk/twin-kit/twin-core.ts';
import { createAuth, createOwnClient, TOKEN_PATH, type TwinAuth } from './auth.ts';
import { createDoor, invalidLogin } from './door.ts';
import { STATUS_FIELDS } from '../status-fields.ts';
import { hiddenFields } from './hidden-fields.ts';
import { createJobs, JOB_PATH, wantsJob, type Jobs } from './jobs.ts';
import { CATALOG_PATH, catalogReply } from './metadata.ts';
import { mutate, shiftRows } from './mutate.ts';
import { presentRecord } from './present.ts';
import { problemReply, Refused } from './problem.ts';
import { suiteqlReply, SUITEQL_PATH } from './query.ts';
import { RECORD_PATH, recordReply } from './record.ts';
import { RECORD_TYPES } from './schema.ts';
import { Settings, spellDate } from './settings.ts';
import { createState, type State } from './state.ts';
import type { QueryContext } from './suiteql-run.ts';
import { createTables } from './tables.ts';
import { zoneText } from './zone.ts';

interface Twin {
  readonly core: TwinCore;
  readonly state: State;
  readonly auth: TwinAuth;
  readonly settings: Settings;
  readonly jobs: Jobs;
  readonly door: ReturnType<typeof createDoor>;
  readonly queryContext: () => QueryContext;
}

async function serve(twin: Twin, request: TwinRequest, url: string): Promise<TwinReply> {
  try {
    if (request.path === SUITEQL_PATH) return suiteqlReply(request, url, twin.queryContext());
    if (request.path.startsWith(CATALOG_PATH)) return catalogReply(twin.state, request.path, url);
    if (request.path.startsWith(JOB_PATH)) return twin.jobs.answer(request.path, url);
    if (request.path.startsWith(`${RECORD_PATH}/`))
      return await recordReply(
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

async function handle(twin: Twin, request: TwinRequest): Promise<TwinReply> {
  const url = `http://${request.headers['host'] ?? ''}`;
  if (request.path === TOKEN_PATH) return await twin.auth.token(request, url);
  if (!request.path.startsWith('/services/rest/'))
    return problemReply(404, { code: 'NOT_FOUND', detail: 'Page not found.' });
  if (!twin.auth.admits(request, url)) return invalidLogin(twin.settings.accountId);
  return await twin.door(request, async () =>
    request.path.startsWith(`${RECORD_PATH}/`) && wantsJob(request)
      ? twin.jobs.accept(request, url, () => serve(twin, request, url))
      : await serve(twin, request, url),
  );
}

/** An answer with the account's own time in its Date header. */
async function dated(twin: Twin, request: TwinRequest): Promise<TwinReply> {
  const reply = await handle(twin, request);
  return { ...reply, headers: { date: twin.core.clock.now().toUTCString(), ...reply.headers } };
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
    maxRows: settings.maxRows,
    afterPage: (records) => shiftRows(core, state, records),
  });
}

/** The faults of the vendor's state that this twin carries out. */
const ACTIONS: readonly StateAction[] = [
  'drop_record',
  'hide_field',
  'late',
  'limit',
  'overload',
  'page_shift',
  'revoke',
  'slow_create',
];

const NOT_INSTALLED = STATUS_FIELDS.map(({ name }) => ({ object: null, field: name }));

async function start(options: TwinOptions) {
  const settings = Settings.parse(options.world.settings);
  const core = createTwinCore(options);
  const withPackage = settings.packages.includes('trueup');
  const state = createState(options.world, options.startAt, withPackage, () => [
    ...hiddenFields(core.faults),
    ...(settings.packages.includes('trueup-status') ? [] : NOT_INSTALLED),
  ]);
  const own = await createOwnClient();
  const isRevoked = (): boolean => core.faults.fires('revoke', '') !== undefined;
  const auth = createAuth([...settings.m2m, own], settings.tba, settings.accountId, isRevoked);
  const jobs = createJobs();
  const door = createDoor(core.faults, settings, settings.accountId);
  const context = queryContext(core, state, settings);
  const twin: Twin = { core, state, auth, settings, jobs, door, queryContext: context };
  return await serveTwin(
    core,
    {
      system: 'netsuite',
      handler: (request) => dated(twin, request),
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
      reset: () => {
        state.reset();
        jobs.reset();
      },
      expireTokens: () => auth.expireTokens(),
      objects: RECORD_TYPES.map((type) => type.object),
      actions: ACTIONS,
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

/** NetSuite's stand-in: SuiteQL, record service, metadata catalogue, jobs and both logins, over its own state. */
export default defineTwin({ system: 'netsuite', start });
