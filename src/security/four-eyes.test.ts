import { describe, expect, test } from '@jest/globals';
import { ForbiddenError } from '../kernel/errors.ts';
import { requirePermission, systemCaller } from './caller.ts';
import { requireSecondPerson } from './four-eyes.ts';
import { permissionsOf, Role } from './permissions.ts';

const ada = { personId: 'usr_ada', personName: 'Ada' };

describe('four eyes', () => {
  test('the person who asked cannot approve, with whatever key', () => {
    expect(() => requireSecondPerson(ada, 'usr_ada', 'the mapping')).toThrow(ForbiddenError);
    expect(() => requireSecondPerson(ada, 'person:usr_ada', 'the mapping')).toThrow(
      'Ada asked for the mapping',
    );
  });

  test('another person can, and so can anybody for what the program drew up', () => {
    expect(() => requireSecondPerson(ada, 'person:usr_bob', 'the mapping')).not.toThrow();
    expect(() => requireSecondPerson(ada, 'system:detect-closed-won', 'the plan')).not.toThrow();
  });
});

describe('roles', () => {
  test('who edits cannot approve, and who administers cannot either, without a role for it', () => {
    for (const role of ['viewer', 'editor', 'licence-manager', 'auditor', 'admin'] as const) {
      expect(permissionsOf([role]).has('plans:approve')).toBe(false);
    }
    expect(permissionsOf(['admin', 'approver']).has('plans:approve')).toBe(true);
  });

  test('only an administrator changes people, keys, connections, settings and companies', () => {
    const kept = [
      'users:write',
      'keys:write',
      'connections:write',
      'settings:write',
      'tenants:write',
    ] as const;
    for (const role of Role.options) {
      for (const permission of kept) {
        expect([role, permission, permissionsOf([role]).has(permission)]).toEqual([
          role,
          permission,
          role === 'admin',
        ]);
      }
    }
  });

  test('a part of the program may do nothing that needs a permission', () => {
    expect(() => requirePermission(systemCaller('acme', 'hook'), 'runs:read')).toThrow(
      ForbiddenError,
    );
  });
});
