import * as z from 'zod';
import { defineTwin, type TwinOptions } from '../../../src/sdk/define-twin.ts';
import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import { ValidationError } from '../../../src/sdk/kernel.ts';
import {
  createTwinCore,
  serveTwin,
  type TwinMutation,
} from '../../../src/sdk/twin-kit/twin-core.ts';
import { textOf } from './attribute-path.ts';
import { createCursors } from './cursors.ts';
import { createHandler } from './handler.ts';
import { PERSONALITIES } from './personality.ts';
import { createRateWindow } from './rate-window.ts';
import { createResourceStore, type Endpoint, type ResourceStore } from './resource-store.ts';
import { resourceTypeOf } from './scim-schemas.ts';
import { ACTIONS } from './state-faults.ts';

const BASE_PATH = '/scim/v2';

/** How this directory is set up; `rfc` and `strict` are the strict reading of RFC 7643 and 7644. */
const Settings = z.object({
  personality: z.enum(['rfc', 'strict', 'okta', 'entra']).default('rfc'),
  bearerToken: z.string().min(1),
  maxResults: z.int().positive().default(200),
  pagination: z.enum(['index', 'cursor', 'both']).default('index'),
  /** Seconds that a cursor lives. */
  cursorTimeout: z.int().positive().default(600),
  /** Requests a minute of the twin's clock; unlimited when left out. */
  ratePerMinute: z.int().positive().optional(),
});

function endpointOf(object: string): Endpoint {
  const type = resourceTypeOf(object);
  if (type === undefined) {
    throw new ValidationError(`The directory has no ${object}. It has Users and Groups.`);
  }
  return type.endpoint;
}

/** `fields` laid over the record; null takes an attribute away. */
function merged(before: JsonObject, fields: JsonObject): JsonObject {
  const after: Record<string, Json> = { ...before };
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) delete after[name];
    else after[name] = value;
  }
  return after;
}

function mutateStore(
  store: ResourceStore,
  { object, operation, id, fields }: TwinMutation,
): string {
  const endpoint = endpointOf(object);
  if (operation === 'create') {
    return textOf(store.create(endpoint, fields, id)['id']);
  }
  if (id === undefined) throw new ValidationError(`Give the id of the ${object} record.`);
  if (operation === 'delete') store.remove(endpoint, id);
  else store.replace(endpoint, id, merged(store.get(endpoint, id), fields));
  return id;
}

export default defineTwin({
  system: 'scim',
  start: async (options: TwinOptions) => {
    const settings = Settings.parse(options.world.settings);
    const core = createTwinCore(options);
    const store = createResourceStore({
      objects: options.world.objects,
      now: () => core.clock.now(),
      seed: options.seed,
      basePath: BASE_PATH,
    });
    let expired = false;
    const personality = PERSONALITIES[settings.personality];
    const cursors = createCursors(core, settings.cursorTimeout, options.seed);
    const { pagination, cursorTimeout } = settings;
    const { documentationUri } = personality;
    const maxResults = Math.min(settings.maxResults, personality.maxResults);
    const handler = createHandler({
      core,
      store,
      personality,
      cursors,
      rate: createRateWindow(core, personality, settings.ratePerMinute),
      discovery: { basePath: BASE_PATH, maxResults, documentationUri, pagination, cursorTimeout },
      token: () => {
        expired ||= core.faults.fires('revoke', 'Users') !== undefined;
        return expired ? undefined : settings.bearerToken;
      },
    });
    return serveTwin(
      core,
      {
        system: 'scim',
        handler,
        credentials: (url) => ({
          config: { baseUrl: `${url}${BASE_PATH}` },
          secrets: { token: settings.bearerToken },
        }),
        mutate: (mutation) => {
          const id = mutateStore(store, mutation);
          core.hooks.notify(mutation.object, id);
          return id;
        },
        reset: () => {
          expired = false;
          cursors.clear();
          store.reset();
        },
        expireTokens: () => {
          expired = true;
        },
        objects: ['Users', 'Groups'],
        actions: ACTIONS,
        records: (object) => store.all(endpointOf(object)),
      },
      options,
    );
  },
});
