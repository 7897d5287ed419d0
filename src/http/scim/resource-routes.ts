import {
  getDirectoryEntry,
  listDirectoryEntries,
  type DirectoryEntry,
} from '../../app/flows/read-directory.ts';
import {
  changeDirectoryEntry,
  createDirectoryEntry,
  removeDirectoryEntry,
} from '../../app/flows/write-directory.ts';
import type { JsonObject } from '../../kernel/hash.ts';
import type { Route } from '../define-route.ts';
import { applyPatch } from './apply-patch.ts';
import { expectMatch, isHeld } from './conditions.ts';
import { defineScimRoute, type ScimInput } from './define-scim-route.ts';
import { cursorAfter, projectionOf, readListQuery } from './list-query.ts';
import { etagOf, locationOf, present } from './present.ts';
import { project, shows } from './project.ts';
import { readBody } from './read-body.ts';
import { readPatch } from './read-patch.ts';
import { readResource } from './read-resource.ts';
import type { ResourceType } from './schemas.ts';

const LIST_URN = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

/** The routes of one kind of resource: list, search, read, create, replace, change, remove. */
export function resourceRoutes(type: ResourceType): readonly Route[] {
  const { kind, name } = type;
  return [
    defineScimRoute({
      method: 'get',
      path: `/${kind}`,
      summary: `The ${kind.toLowerCase()} of the directory, filtered and paged.`,
      handle: (input) => list(type, input, input.query),
    }),
    defineScimRoute({
      method: 'post',
      path: `/${kind}/.search`,
      summary: `The same by body, so that no name of a person is in an address.`,
      takesBody: true,
      handle: (input) => list(type, input, readBody(input.request)),
    }),
    defineScimRoute({
      method: 'post',
      path: `/${kind}`,
      summary: `Takes in a new ${name}.`,
      takesBody: true,
      status: 201,
      handle: async (input) => {
        const document = readResource(readBody(input.request), type);
        const made = await createDirectoryEntry(input.deps, input.caller, kind, document);
        input.reply.headers['location'] = locationOf(input.base, kind, made.id);
        return shown(type, input, made);
      },
    }),
    ...oneRoutes(type),
  ];
}

function oneRoutes(type: ResourceType): readonly Route[] {
  const { kind, name } = type;
  const path = `/${kind}/{id}`;
  return [
    defineScimRoute({
      method: 'get',
      path,
      summary: `One ${name}.`,
      handle: (input) => read(type, input),
    }),
    defineScimRoute({
      method: 'put',
      path,
      summary: `Replaces a ${name}.`,
      takesBody: true,
      handle: async (input) => {
        const document = readResource(readBody(input.request), type);
        return shown(type, input, await change(type, input, () => document));
      },
    }),
    defineScimRoute({
      method: 'patch',
      path,
      summary: `Changes a ${name}.`,
      takesBody: true,
      handle: async (input) => {
        const operations = readPatch(readBody(input.request));
        const changed = await change(type, input, (before) => applyPatch(before, operations, type));
        const answer = shown(type, input, changed);
        // Nobody who adds one member wants 50,000 back (RFC 7644 §3.5.2 leaves it to us).
        if (kind === 'Users' || input.query['attributes'] !== undefined) return answer;
        input.reply.status = 204;
        return null;
      },
    }),
    defineScimRoute({
      method: 'delete',
      path,
      summary: `Takes a ${name} away.`,
      handle: async ({ deps, caller, request, reply, id }) => {
        const expect = expectMatch(request.headers);
        await removeDirectoryEntry(deps, caller, { kind, id, expect });
        reply.status = 204;
        return null;
      },
    }),
  ];
}

async function list(type: ResourceType, input: ScimInput, asked: JsonObject): Promise<JsonObject> {
  const { query, projection, startIndex, byCursor } = readListQuery(asked, type, input.base);
  const page = await listDirectoryEntries(input.deps, input.caller, query);
  const last = page.entries.at(-1);
  return {
    schemas: [LIST_URN],
    totalResults: page.total,
    itemsPerPage: page.entries.length,
    ...(byCursor ? {} : { startIndex }),
    ...(byCursor && page.more && last !== undefined ? { nextCursor: cursorAfter(last.id) } : {}),
    Resources: page.entries.map((entry) => project(present(entry, input.base), projection)),
  };
}

async function read(type: ResourceType, input: ScimInput): Promise<JsonObject | null> {
  const withMembers = shows(projectionOf(input.query, type), 'members');
  const place = { kind: type.kind, id: input.id, withMembers };
  const entry = await getDirectoryEntry(input.deps, input.caller, place);
  const answer = shown(type, input, entry);
  if (!isHeld(input.request.headers, entry.version)) return answer;
  input.reply.status = 304;
  return null;
}

function change(
  type: ResourceType,
  { deps, caller, request, id }: ScimInput,
  next: Parameters<typeof changeDirectoryEntry>[3],
): Promise<DirectoryEntry> {
  const expect = expectMatch(request.headers);
  return changeDirectoryEntry(deps, caller, { kind: type.kind, id, expect }, next);
}

function shown(
  type: ResourceType,
  { base, query, reply }: ScimInput,
  entry: DirectoryEntry,
): JsonObject {
  reply.headers['etag'] = etagOf(entry);
  const [warning] = entry.warnings ?? [];
  if (warning !== undefined) reply.headers['warning'] = warningOf(warning);
  return project(present(entry, base), projectionOf(query, type));
}

/** RFC 7234 §5.5: a warning that stays. A quoted string in a header is printable ASCII. */
function warningOf(text: string): string {
  return `299 trueup "${text.replaceAll(/[^ -~]|["\\]/g, '_')}"`;
}
