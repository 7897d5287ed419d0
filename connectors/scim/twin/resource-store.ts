import type { Json, JsonObject } from '../../../src/sdk/kernel.ts';
import { seededRandom } from '../../../src/sdk/twin-kit/faults.ts';
import { isObject, textOf } from './attribute-path.ts';
import { refuse } from './scim-error.ts';
import { RESOURCE_TYPES, resourceTypeOf, type ScimResourceType } from './scim-schemas.ts';

export type Endpoint = ScimResourceType['endpoint'];

/** The twin's state: resources by endpoint, in the order in which they came. */
export interface ResourceStore {
  all(endpoint: Endpoint): readonly JsonObject[];
  /** Throws the refusal 404. */
  get(endpoint: Endpoint, id: string): JsonObject;
  create(endpoint: Endpoint, resource: JsonObject, id?: string): JsonObject;
  /** Puts a resource in the place of the one with this id; id and meta stay the server's own. */
  replace(endpoint: Endpoint, id: string, resource: JsonObject): JsonObject;
  /** The number that a resource got when it came: later ones have higher ones, for good. */
  numberOf(endpoint: Endpoint, id: string): number;
  /** How many resources have come in all. */
  created(): number;
  /** Removes a resource, and a user from every group. Returns what was there. */
  remove(endpoint: Endpoint, id: string): JsonObject;
  reset(): void;
}

interface StoreOptions {
  readonly objects: Readonly<Record<string, readonly JsonObject[]>>;
  readonly now: () => Date;
  readonly seed: number;
  readonly basePath: string;
}

/** Ids that look like UUIDs and are the same for the same seed. */
function idMaker(seed: number): () => string {
  const random = seededRandom(seed);
  const hex = (length: number): string =>
    Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
  return () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
}

/** userName is unique without regard to case (RFC 7643 §4.1.1): 409 uniqueness. */
function refuseTaken(
  rows: ReadonlyMap<string, JsonObject>,
  resource: JsonObject,
  own: string,
): void {
  const wanted = textOf(resource['userName']).toLowerCase();
  for (const [id, row] of rows) {
    if (id !== own && textOf(row['userName']).toLowerCase() === wanted) {
      throw refuse(409, 'A User with this userName exists already.', 'uniqueness');
    }
  }
}

function withoutMember(group: JsonObject, id: string): JsonObject | null {
  const members: unknown = group['members'];
  if (!Array.isArray(members)) return null;
  const left = (members as readonly Json[]).filter(
    (each) => !isObject(each) || each['value'] !== id,
  );
  if (left.length === members.length) return null;
  const { members: _gone, ...rest } = group;
  return left.length === 0 ? rest : { ...rest, members: left };
}

/** The groups that a user was in, without that user. */
function groupsWithout(
  groups: ReadonlyMap<string, JsonObject>,
  id: string,
): readonly (readonly [string, JsonObject])[] {
  return [...groups].flatMap(([groupId, group]) => {
    const left = withoutMember(group, id);
    return left === null ? [] : [[groupId, left] as const];
  });
}

function typeOf(endpoint: Endpoint): ScimResourceType {
  const type = resourceTypeOf(endpoint);
  if (type === undefined) throw refuse(404, `There is no endpoint ${endpoint}.`);
  return type;
}

function absent(endpoint: Endpoint, id: string): never {
  throw refuse(404, `${typeOf(endpoint).name} ${id} does not exist.`);
}

/** The schemas that a record uses. */
function schemasOf(type: ScimResourceType, row: JsonObject): readonly string[] {
  return [type.core.id, ...type.extensions.map(({ id }) => id).filter((urn) => urn in row)];
}

interface MetaOf {
  (type: ScimResourceType, id: string, version?: number, created?: string): JsonObject;
}

const noTables = (): Readonly<Record<Endpoint, Map<string, JsonObject>>> => ({
  Users: new Map(),
  Groups: new Map(),
});

const metaMaker =
  ({ now, basePath }: StoreOptions): MetaOf =>
  (type, id, version = 1, created = '') => {
    const at = now().toISOString();
    return {
      resourceType: type.name,
      created: created === '' ? at : created,
      lastModified: at,
      location: `${basePath}/${type.endpoint}/${id}`,
      version: `W/"${version}"`,
    };
  };

/** Numbers of resources in the order in which they came. A number stays taken when its resource is gone. */
function createNumbers() {
  const numbers = new Map<string, number>();
  return {
    give: (endpoint: Endpoint, id: string): void => {
      const key = `${endpoint}/${id}`;
      if (!numbers.has(key)) numbers.set(key, numbers.size + 1);
    },
    of: (endpoint: Endpoint, id: string): number => numbers.get(`${endpoint}/${id}`) ?? 0,
    given: (): number => numbers.size,
    clear: (): void => numbers.clear(),
  };
}

/** Creates the state of one running twin from the records of its world. */
export function createResourceStore(options: StoreOptions): ResourceStore {
  const tables = noTables();
  const numbers = createNumbers();
  const metaOf = metaMaker(options);
  let nextId = idMaker(options.seed);

  const put = (type: ScimResourceType, resource: JsonObject, meta: JsonObject): JsonObject => {
    const id = textOf(resource['id']);
    const held = { ...resource, schemas: schemasOf(type, resource), id, meta };
    tables[type.endpoint].set(id, held);
    numbers.give(type.endpoint, id);
    return held;
  };

  const get = (endpoint: Endpoint, id: string): JsonObject =>
    tables[endpoint].get(id) ?? absent(endpoint, id);

  const replace = (endpoint: Endpoint, id: string, resource: JsonObject): JsonObject => {
    const before = get(endpoint, id);
    if (endpoint === 'Users') refuseTaken(tables.Users, resource, id);
    const meta = isObject(before['meta']) ? before['meta'] : {};
    const version = Number(/\d+/.exec(textOf(meta['version']))?.[0] ?? 1) + 1;
    const type = typeOf(endpoint);
    return put(type, { ...resource, id }, metaOf(type, id, version, textOf(meta['created'])));
  };

  const load = (): void => {
    nextId = idMaker(options.seed);
    numbers.clear();
    for (const type of RESOURCE_TYPES) {
      tables[type.endpoint].clear();
      for (const row of options.objects[type.endpoint] ?? []) {
        const id = textOf(row['id']) || nextId();
        const given = isObject(row['meta']) ? row['meta'] : {};
        put(type, { ...row, id }, { ...metaOf(type, id), ...given });
      }
    }
  };

  load();
  return {
    all: (endpoint) => [...tables[endpoint].values()],
    get,
    create: (endpoint, resource, id = nextId()) => {
      if (endpoint === 'Users') refuseTaken(tables.Users, resource, '');
      if (tables[endpoint].has(id)) throw refuse(409, `${id} exists already.`, 'uniqueness');
      const type = typeOf(endpoint);
      return put(type, { ...resource, id }, metaOf(type, id));
    },
    replace,
    numberOf: numbers.of,
    created: numbers.given,
    remove: (endpoint, id) => {
      const gone = get(endpoint, id);
      tables[endpoint].delete(id);
      for (const [groupId, left] of groupsWithout(tables.Groups, id)) {
        replace('Groups', groupId, left);
      }
      return gone;
    },
    reset: load,
  };
}
