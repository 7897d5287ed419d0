import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import { refuse } from './scim-error.ts';
import { RESOURCE_TYPES, SCHEMAS } from './scim-schemas.ts';

const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const CORE = 'urn:ietf:params:scim:schemas:core:2.0';

/** What a directory says of itself. */
export interface Discovery {
  readonly basePath: string;
  readonly maxResults: number;
  readonly documentationUri: string;
  readonly pagination: 'index' | 'cursor' | 'both';
  /** Seconds that a cursor lives. */
  readonly cursorTimeout: number;
}

/** RFC 9865 §4; a directory that pages by index alone, as RFC 7644 has it, says nothing. */
function paginationOf({ pagination, maxResults, cursorTimeout }: Discovery): JsonObject {
  if (pagination === 'index') return {};
  return {
    pagination: {
      cursor: true,
      index: pagination === 'both',
      defaultPaginationMethod: pagination === 'both' ? 'index' : 'cursor',
      defaultPageSize: Math.min(100, maxResults),
      maxPageSize: maxResults,
      cursorTimeout,
    },
  };
}

function serviceProviderConfig(settings: Discovery): JsonObject {
  const { basePath, maxResults, documentationUri } = settings;
  return {
    schemas: [`${CORE}:ServiceProviderConfig`],
    ...(documentationUri === '' ? {} : { documentationUri }),
    ...paginationOf(settings),
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'OAuth Bearer Token',
        description: 'A bearer token in the Authorization header.',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    meta: {
      resourceType: 'ServiceProviderConfig',
      location: `${basePath}/ServiceProviderConfig`,
    },
  };
}

function resourceTypes(basePath: string): readonly JsonObject[] {
  return RESOURCE_TYPES.map(({ name, endpoint, core, extensions }) => ({
    schemas: [`${CORE}:ResourceType`],
    id: name,
    name,
    description: core.description,
    endpoint: `/${endpoint}`,
    schema: core.id,
    schemaExtensions: extensions.map(({ id }) => ({ schema: id, required: false })),
    meta: { resourceType: 'ResourceType', location: `${basePath}/ResourceTypes/${name}` },
  }));
}

function schemas(basePath: string): readonly JsonObject[] {
  return SCHEMAS.map((schema) => ({
    schemas: [`${CORE}:Schema`],
    id: schema.id,
    name: schema.name,
    description: schema.description,
    attributes: schema.attributes as unknown as readonly Json[],
    meta: { resourceType: 'Schema', location: `${basePath}/Schemas/${schema.id}` },
  }));
}

function oneOrAll(rows: readonly JsonObject[], id: string | undefined): JsonObject {
  if (id !== undefined) {
    const found = rows.find((row) => row['id'] === id);
    if (found === undefined) throw refuse(404, `${id} does not exist.`);
    return found;
  }
  return {
    schemas: [LIST_SCHEMA],
    totalResults: rows.length,
    startIndex: 1,
    itemsPerPage: rows.length,
    Resources: rows,
  };
}

/** The three discovery endpoints of RFC 7644 §4; undefined for any other endpoint. */
export function discover(
  endpoint: string,
  id: string | undefined,
  settings: Discovery,
): JsonObject | undefined {
  switch (endpoint) {
    case 'ServiceProviderConfig':
      return serviceProviderConfig(settings);
    case 'ResourceTypes':
      return oneOrAll(resourceTypes(settings.basePath), id);
    case 'Schemas':
      return oneOrAll(schemas(settings.basePath), id);
    default:
      return undefined;
  }
}
