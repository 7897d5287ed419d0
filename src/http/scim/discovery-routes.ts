import type { JsonObject } from '../../kernel/hash.ts';
import type { Route } from '../define-route.ts';
import type { Attribute } from './attribute.ts';
import { defineScimRoute } from './define-scim-route.ts';
import { DEFAULT_PAGE, MOST_ON_PAGE } from './list-query.ts';
import { RESOURCE_TYPES, SCHEMAS, type ResourceType, type Schema } from './schemas.ts';
import { scimError } from './scim-error.ts';

const URN = 'urn:ietf:params:scim:schemas:core:2.0';
const LIST_URN = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

/** What the endpoint says of itself (RFC 7644 §4), and what it says it does not do. */
export function discoveryRoutes(): readonly Route[] {
  return [
    defineScimRoute({
      method: 'get',
      path: '/ServiceProviderConfig',
      summary: 'What the endpoint supports.',
      handle: async ({ base }) => serviceProviderConfig(base),
    }),
    ...listed('/ResourceTypes', 'The kinds of resource.', Object.values(RESOURCE_TYPES), (type, base) => ({ id: type.name, body: resourceType(type, base) })), // prettier-ignore
    ...listed('/Schemas', 'The attributes of each kind.', SCHEMAS, (schema, base) => ({ id: schema.id, body: schemaBody(schema, base) })), // prettier-ignore
    unsupported('post', '/Bulk', 'Bulk requests are not taken: send each change by itself.'),
    unsupported('post', '/.search', 'Search below /Users or /Groups.'),
    unsupported('get', '/Me', 'A token is no user.'),
  ];
}

function serviceProviderConfig(base: string): JsonObject {
  return {
    schemas: [`${URN}:ServiceProviderConfig`],
    documentationUri: 'https://www.rfc-editor.org/rfc/rfc7644',
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: MOST_ON_PAGE },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: DEFAULT_PAGE,
      maxPageSize: MOST_ON_PAGE,
    },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'A token of the directory, made with: trueup directories add.',
        specUri: 'https://www.rfc-editor.org/rfc/rfc6750',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  };
}

function resourceType(type: ResourceType, base: string): JsonObject {
  return {
    schemas: [`${URN}:ResourceType`],
    id: type.name,
    name: type.name,
    description: type.schema.description,
    endpoint: `/${type.kind}`,
    schema: type.schema.id,
    schemaExtensions: type.extensions.map(({ id }) => ({ schema: id, required: false })),
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${type.name}` },
  };
}

function schemaBody(schema: Schema, base: string): JsonObject {
  return {
    schemas: [`${URN}:Schema`],
    id: schema.id,
    name: schema.name,
    description: schema.description,
    attributes: schema.attributes.map(attributeBody),
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${schema.id}` },
  };
}

function attributeBody(attribute: Attribute): JsonObject {
  const { subAttributes, canonicalValues, referenceTypes, ...traits } = attribute;
  return {
    ...traits,
    ...(canonicalValues === undefined ? {} : { canonicalValues }),
    ...(referenceTypes === undefined ? {} : { referenceTypes }),
    ...(subAttributes.length === 0 ? {} : { subAttributes: subAttributes.map(attributeBody) }),
  };
}

interface Described {
  readonly id: string;
  readonly body: JsonObject;
}

/** A list and each of its entries. It takes no filter (RFC 7644 §4). */
function listed<T>(
  path: string,
  summary: string,
  items: readonly T[],
  describe: (item: T, base: string) => Described,
): readonly Route[] {
  return [
    defineScimRoute({
      method: 'get',
      path,
      summary,
      handle: async ({ base, query }) => {
        if (query['filter'] !== undefined) throw scimError(403, null, `${path} takes no filter.`);
        const Resources = items.map((item) => describe(item, base).body);
        const count = Resources.length;
        return { schemas: [LIST_URN], totalResults: count, itemsPerPage: count, startIndex: 1, Resources }; // prettier-ignore
      },
    }),
    defineScimRoute({
      method: 'get',
      path: `${path}/{id}`,
      summary: `One of them.`,
      handle: async ({ base, id }) => {
        const found = items.map((item) => describe(item, base)).find((each) => each.id === id);
        if (found === undefined) throw scimError(404, null, 'There is nothing of that id.');
        return found.body;
      },
    }),
  ];
}

function unsupported(method: Route['method'], path: string, why: string): Route {
  return defineScimRoute({
    method,
    path,
    summary: why,
    takesBody: method === 'post',
    handle: async () => {
      throw scimError(501, null, why);
    },
  });
}
