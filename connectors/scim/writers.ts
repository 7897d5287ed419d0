import * as z from 'zod';
import type { ObjectDescription, WriterDefinition } from '../../src/sdk/define-connector.ts';
import { NotFoundError, type Json, type JsonObject } from '../../src/sdk/kernel.ts';
import { describeSeat, readSeatKey } from '../../src/sdk/seat-key.ts';
import { patchOf, type Change } from './patch-forms.ts';
import type { Personality } from './personality.ts';
import { isObject } from './scim-client.ts';

const Login = z.strictObject({ active: z.boolean().optional() });
const Seat = z.strictObject({
  assigned: z.boolean().optional(),
  type: z.string().optional(),
  display: z.string().optional(),
});

/** One thing that can be given to a person and taken back: what it is part of, and how it is asked for. */
export interface SeatWriter extends WriterDefinition {
  readonly fields: z.ZodObject;
  /** The parts of its key. */
  readonly keys: readonly string[];
  /** The resource that holds it. */
  pathOf(vendorId: string | null): string;
  /** How it is now, in the words of `fields`. */
  held(vendorId: string, resource: JsonObject | undefined): JsonObject;
  /** The operation that brings it about; null where nothing is asked. */
  operation(as: Personality, vendorId: string, fields: JsonObject): Json | null;
}

const definition = (object: string, title: string): WriterDefinition => ({
  object,
  title,
  externalIdField: null,
  intentField: null,
  batch: 50,
  money: true,
});

const path = (endpoint: string, id: string): string => `/${endpoint}/${encodeURIComponent(id)}`;

const logins: SeatWriter = {
  ...definition('UserLogins', 'Logins, on or off'),
  fields: Login,
  keys: ['user'],
  pathOf: (vendorId) => path('Users', readSeatKey(vendorId, ['user']).user),
  held: (_vendorId, resource) => ({ active: resource !== undefined && isOn(resource['active']) }),
  operation: (as, _vendorId, { active }) =>
    typeof active === 'boolean'
      ? patchOf(as, { kind: 'set', attribute: 'active', to: active })
      : null,
};

/** RFC 7643 §4.1.1 leaves `active` out where it holds; some directories write it as a word. */
function isOn(active: Json | undefined): boolean {
  if (typeof active === 'string') return active.toLowerCase() === 'true';
  return active === undefined || active === true;
}

/** Values of a list of a resource: entitlements and roles of a user, members of a group. */
function listed(
  named: WriterDefinition,
  of: {
    readonly endpoint: 'Users' | 'Groups';
    readonly owner: 'user' | 'group';
    readonly value: 'value' | 'user';
    readonly attribute: Extract<Change, { readonly kind: 'add' }>['attribute'];
  },
): SeatWriter {
  const { endpoint, owner, attribute } = of;
  const valueOf = (vendorId: string): string => readSeatKey(vendorId, [of.value])[of.value];
  return {
    ...named,
    fields: Seat,
    keys: [owner, of.value],
    pathOf: (vendorId) => path(endpoint, readSeatKey(vendorId, [owner, of.value])[owner]),
    held: (vendorId, resource) => {
      const found = itemsOf(resource, attribute).find(
        (each) => each['value'] === valueOf(vendorId),
      );
      if (found === undefined) return { assigned: false };
      const { type, display } = found;
      const rest =
        attribute === 'members' ? {} : { ...text('type', type), ...text('display', display) };
      return { assigned: true, ...rest };
    },
    operation: (as, vendorId, { assigned, type, display }) => {
      if (typeof assigned !== 'boolean') return null;
      const value = valueOf(vendorId);
      if (!assigned) return patchOf(as, { kind: 'remove', attribute, value });
      const item = { value, ...text('type', type), ...text('display', display) };
      return patchOf(as, { kind: 'add', attribute, item });
    },
  };
}

function text(name: string, value: Json | undefined): JsonObject {
  return typeof value === 'string' ? { [name]: value } : {};
}

function itemsOf(resource: JsonObject | undefined, attribute: string): readonly JsonObject[] {
  const items = resource?.[attribute];
  return Array.isArray(items) ? items.filter(isObject) : [];
}

export const WRITERS: readonly SeatWriter[] = [
  logins,
  listed(definition('UserEntitlements', 'Entitlements of users'), {
    endpoint: 'Users',
    owner: 'user',
    value: 'value',
    attribute: 'entitlements',
  }),
  listed(
    { ...definition('UserRoles', 'Roles of users'), byOwnMapping: true },
    {
      endpoint: 'Users',
      owner: 'user',
      value: 'value',
      attribute: 'roles',
    },
  ),
  listed(
    { ...definition('GroupMembers', 'Members of groups'), byOwnMapping: true },
    {
      endpoint: 'Groups',
      owner: 'group',
      value: 'user',
      attribute: 'members',
    },
  ),
];

/** The writer of an object. Throws NotFoundError for any other. */
export function writerOf(object: string): SeatWriter {
  const found = WRITERS.find((each) => each.object === object);
  if (found !== undefined) return found;
  const names = WRITERS.map((each) => each.object).join(', ');
  throw new NotFoundError(`A directory's ${object} is not written by Trueup. Use one of ${names}.`);
}

/** What a mapping may write of them; no directory publishes that. */
export function describeSeats({ object, title, keys, fields }: SeatWriter): ObjectDescription {
  return describeSeat(object, title, keys, Object.keys(fields.shape));
}
