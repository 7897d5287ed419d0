import * as z from 'zod';
import { defineTwin } from '../../../src/sdk/define-twin.ts';
import { ValidationError, type Json, type JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import {
  createTwinCore,
  serveTwin,
  type TwinCore,
  type TwinMutation,
} from '../../../src/sdk/twin-kit/twin-core.ts';
import { ownWorld } from './own-world.ts';

const Settings = z.looseObject({
  tenantId: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
});
const OBJECTS = ['subscribedSkus', 'users'] as const;
const MOST = 999;

type Row = Record<string, Json>;
type Tables = Record<(typeof OBJECTS)[number], Map<string, Row>>;

const ok = (body: Json): TwinReply => ({
  status: 200,
  body,
  headers: { 'content-type': 'application/json; odata.metadata=minimal; charset=utf-8' },
});

/** The error shape of Microsoft Graph. */
const problem = (status: number, code: string, message: string): TwinReply => ({
  status,
  body: { error: { code, message } },
});

/** `consumedUnits` is what is assigned, whatever the account's state, as the vendor counts. */
function skuWithUse(row: Row, users: Iterable<Row>): JsonObject {
  let consumedUnits = 0;
  for (const user of users) {
    const assigned = Array.isArray(user['assignedLicenses']) ? user['assignedLicenses'] : [];
    for (const each of assigned as readonly JsonObject[])
      if (each['skuId'] === row['skuId']) consumedUnits += 1;
  }
  return { ...row, consumedUnits };
}

function selected(row: Row, query: URLSearchParams): JsonObject {
  const names = query.get('$select')?.split(',');
  if (names === undefined) return row;
  return Object.fromEntries(names.flatMap((name) => (name in row ? [[name, row[name] ?? null]] : []))); // prettier-ignore
}

/** A directory in memory. Users are listed by id; a page's address holds the last id, as Graph's opaque token does. */
function createDirectory(world: { readonly objects: Readonly<Record<string, readonly JsonObject[]>> }) {
  let tables: Tables;
  const load = (): void => {
    const table = (name: string) =>
      new Map((world.objects[name] ?? []).map((row) => [String(row['id'] as string), { ...row }]));
    tables = { subscribedSkus: table('subscribedSkus'), users: table('users') };
  };
  load();
  const usersAfter = (last: string): readonly Row[] =>
    [...tables.users.entries()]
      .filter(([id]) => id > last)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([, row]) => row);
  return {
    load,
    user: (id: string): Row | undefined => tables.users.get(id),
    count: (): number => tables.users.size,
    usersAfter,
    skus: (): readonly JsonObject[] =>
      [...tables.subscribedSkus.values()].map((row) => skuWithUse(row, tables.users.values())),
    skuNamed: (skuId: string): JsonObject | undefined => {
      const row = [...tables.subscribedSkus.values()].find((each) => each['skuId'] === skuId);
      return row === undefined ? undefined : skuWithUse(row, tables.users.values());
    },
    rows: (object: string): readonly JsonObject[] =>
      object === 'users' ? [...tables.users.values()] : [...tables.subscribedSkus.values()],
    mutate: ({ object, operation, id, fields }: TwinMutation): string => {
      const table = object === 'users' || object === 'subscribedSkus' ? tables[object] : undefined;
      if (table === undefined) throw new ValidationError(`Graph has no ${object} here.`);
      const key = id ?? `00000000-0000-4000-9000-${String(table.size + 1).padStart(12, '0')}`;
      if (operation === 'delete') table.delete(key);
      else table.set(key, { ...table.get(key), ...fields, id: key });
      return key;
    },
  };
} // prettier-ignore

type Directory = ReturnType<typeof createDirectory>;

function usersPage(directory: Directory, { query }: TwinRequest, url: string): TwinReply {
  const top = Math.min(MOST, Math.max(1, Number(query.get('$top') ?? '100')));
  const rows = directory.usersAfter(query.get('$skiptoken') ?? '');
  const page = rows.slice(0, top);
  const last = page.at(-1)?.['id'];
  const next = new URLSearchParams(query);
  if (typeof last === 'string') next.set('$skiptoken', last);
  return ok({
    value: page.map((row) => selected(row, query)),
    ...(rows.length > top ? { '@odata.nextLink': `${url}/v1.0/users?${next.toString()}` } : {}),
  });
}

export default defineTwin({
  system: 'microsoft-graph',
  ownWorld,
  start: (options) => {
    const core = createTwinCore(options);
    const settings = Settings.parse(options.world.settings);
    const directory = createDirectory(options.world);
    let generation = 0;
    const token = (): string => `twin-graph-token-${generation}`;
    const login = ({ path, rawBody }: TwinRequest): TwinReply | null => {
      if (!path.endsWith('/oauth2/v2.0/token')) return null;
      const form = new URLSearchParams(rawBody.toString('utf8'));
      const isKnown =
        path.startsWith(`/${settings.tenantId}/`) &&
        form.get('grant_type') === 'client_credentials' &&
        form.get('client_id') === settings.clientId &&
        form.get('client_secret') === settings.clientSecret;
      if (!isKnown) return { status: 401, body: { error: 'invalid_client' } };
      return ok({ token_type: 'Bearer', expires_in: 3599, access_token: token() });
    };
    const answer = (request: TwinRequest): TwinReply => {
      const { path, headers, query } = request;
      const loggedIn = login(request);
      if (loggedIn !== null) return loggedIn;
      if (headers['authorization'] !== `Bearer ${token()}`)
        return problem(401, 'InvalidAuthenticationToken', 'Access token has expired or is not valid.'); // prettier-ignore
      if (path === '/v1.0/subscribedSkus') return ok({ value: [...directory.skus()] });
      if (path === '/v1.0/users/$count') {
        if (headers['consistencylevel'] !== 'eventual')
          return problem(400, 'Request_BadRequest', 'The ConsistencyLevel header is required.');
        return { status: 200, body: String(directory.count()), headers: { 'content-type': 'text/plain' } }; // prettier-ignore
      }
      if (path === '/v1.0/users') {
        const reply = usersPage(directory, request, `http://${headers['host'] ?? ''}`);
        return hiding(reply, (id) => query.get('$select') !== 'id' && core.faults.drops('users', id)); // prettier-ignore
      }
      const assigning = /^\/v1\.0\/users\/([^/]+)\/assignLicense$/.exec(path)?.[1];
      if (assigning !== undefined && request.method === 'POST')
        return assignLicence(core, directory, decodeURIComponent(assigning), request);
      const user = directory.user(decodeURIComponent(path.replace('/v1.0/users/', '')));
      if (user !== undefined) return ok(selected(user, query));
      return problem(404, 'Request_ResourceNotFound', 'The resource does not exist.');
    };
    return serveTwin(
      core,
      {
        system: 'microsoft-graph',
        handler: answer,
        credentials: (url) => ({
          config: { tenantId: settings.tenantId, clientId: settings.clientId, graphUrl: url, loginUrl: url }, // prettier-ignore
          secrets: { clientSecret: settings.clientSecret },
        }),
        mutate: (mutation) => directory.mutate(mutation),
        reset: () => directory.load(),
        expireTokens: () => {
          generation += 1;
        },
        objects: [...OBJECTS],
        records: (object) => directory.rows(object),
      },
      options,
    );
  },
});

const Assigning = z.object({
  addLicenses: z.array(
    z.object({ skuId: z.string(), disabledPlans: z.array(z.string()).default([]) }),
  ),
  removeLicenses: z.array(z.string()),
});

/** `user: assignLicense` (Graph v1.0): all of it or nothing. What is in grace can still be assigned. */
function assignLicence(core: TwinCore, directory: Directory, id: string, { rawBody }: TwinRequest): TwinReply {
  const user = directory.user(id);
  if (user === undefined) return problem(404, 'Request_ResourceNotFound', `Resource '${id}' does not exist.`);
  const asked = Assigning.safeParse(JSON.parse(rawBody.toString('utf8')));
  if (!asked.success) return problem(400, 'Request_BadRequest', 'addLicenses and removeLicenses are required.');
  const { addLicenses, removeLicenses } = asked.data;
  const held = Array.isArray(user['assignedLicenses']) ? (user['assignedLicenses'] as readonly JsonObject[]) : [];
  const has = (skuId: string): boolean => held.some((each) => each['skuId'] === skuId);
  const missing = removeLicenses.find((skuId) => !has(skuId));
  if (missing !== undefined) return problem(400, 'Request_BadRequest', 'User does not have a corresponding license.');
  for (const { skuId } of addLicenses.filter((each) => !has(each.skuId))) {
    const sku = directory.skuNamed(skuId);
    if (sku === undefined) return problem(400, 'Request_BadRequest', `License ${skuId} does not correspond to a valid company License.`);
    const units = sku['prepaidUnits'] as JsonObject;
    if (Number(sku['consumedUnits']) >= Number(units['enabled']) + Number(units['warning']))
      return problem(400, 'Request_BadRequest', `Subscription with SKU ${skuId} does not have any available licenses.`);
  }
  const gone = new Set([...removeLicenses, ...addLicenses.map(({ skuId }) => skuId)]);
  const assignedLicenses = z.array(z.json()).parse([...held.filter((each) => !gone.has(String(each['skuId'] as string))), ...addLicenses]);
  directory.mutate({ object: 'users', operation: 'update', id, fields: { assignedLicenses } });
  core.oracle.record({ object: 'users', externalId: id, intentId: null, operation: 'update', body: { assignedLicenses } });
  return ok({ ...user, assignedLicenses });
} // prettier-ignore

/** A list without the records that a fault leaves out. */
function hiding(reply: TwinReply, hides: (id: string) => boolean): TwinReply {
  const body = reply.body as JsonObject;
  const value = (body['value'] as readonly JsonObject[]).filter((row) => !hides(row['id'] as string)); // prettier-ignore
  return { ...reply, body: { ...body, value } };
}
