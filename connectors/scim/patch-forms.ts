import type { Json, JsonObject } from '../../src/sdk/kernel.ts';
import type { Personality } from './personality.ts';

/** One change of a resource, whatever its directory's habits. */
export type Change =
  | { readonly kind: 'set'; readonly attribute: 'active'; readonly to: boolean }
  | {
      readonly kind: 'add';
      readonly attribute: 'entitlements' | 'roles' | 'members';
      readonly item: JsonObject;
    }
  | {
      readonly kind: 'remove';
      readonly attribute: 'entitlements' | 'roles' | 'members';
      readonly value: string;
    };

/**
 * The operation of a PatchOp (RFC 7644 §3.5.2) in the form that a directory is sure to take. Okta's apps set `active`
 * without a path. Entra's legacy form has capital operations, booleans as words, and names the members to remove as
 * values; to any other directory that last form would mean every member of the group, so only Entra gets it.
 */
export function patchOf(as: Personality, change: Change): Json {
  const { attribute } = change;
  const isEntra = as === 'entra';
  switch (change.kind) {
    case 'set':
      if (isEntra) return { op: 'Replace', path: attribute, value: change.to ? 'True' : 'False' };
      if (as === 'okta') return { op: 'replace', value: { [attribute]: change.to } };
      return { op: 'replace', path: attribute, value: change.to };
    case 'add':
      return { op: isEntra ? 'Add' : 'add', path: attribute, value: [change.item] };
    case 'remove':
      if (isEntra && attribute === 'members')
        return { op: 'Remove', path: attribute, value: [{ value: change.value }] };
      return { op: isEntra ? 'Remove' : 'remove', path: `${attribute}[value eq ${JSON.stringify(change.value)}]` }; // prettier-ignore
  }
}
