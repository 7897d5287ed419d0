import * as z from 'zod';

/** What a route or flow may ask of its caller. `<noun>:<verb>`; reading never implies writing. */
export const Permission = z.enum([
  'audit:read',
  'conflicts:read',
  'conflicts:resolve',
  'connections:read',
  'connections:write',
  'entitlements:read',
  'errors:read',
  'errors:retry',
  'findings:read',
  'intents:read',
  'keys:read',
  'keys:write',
  'lookups:read',
  'lookups:write',
  'mappings:approve',
  'mappings:publish',
  'mappings:read',
  'mappings:write',
  'people:decide',
  'people:read',
  'plans:apply',
  'plans:approve',
  'plans:read',
  'recon:read',
  'recon:run',
  'renewals:read',
  'runs:read',
  'runs:write',
  'settings:read',
  'settings:write',
  'status:read',
  'stewards:read',
  'stewards:write',
  'sync:run',
  'telemetry:define',
  'telemetry:read',
  'telemetry:write',
  'tenants:read',
  'tenants:write',
  'trace:read',
  'users:read',
  'users:write',
]);
export type Permission = z.infer<typeof Permission>;

/** The roles of contract §6. */
export const Role = z.enum([
  'viewer',
  'editor',
  'approver',
  'finance',
  'licence-manager',
  'auditor',
  'admin',
]);
export type Role = z.infer<typeof Role>;

/** Figures of the business, without people's keys, the history of who did what, or the installation. */
const READING = [
  'conflicts:read',
  'connections:read',
  'entitlements:read',
  'errors:read',
  'findings:read',
  'intents:read',
  'lookups:read',
  'mappings:read',
  'people:read',
  'plans:read',
  'recon:read',
  'renewals:read',
  'runs:read',
  'settings:read',
  'status:read',
  'stewards:read',
  'telemetry:read',
  'trace:read',
] as const satisfies readonly Permission[];

/**
 * What each role adds. Approving is kept apart from editing, so that nobody who only maps fields can let money
 * out, and administration is kept apart from approving plans: an admin who shall approve those gets that role as well.
 * An administrator may do everything with mappings; that the same person does not write and approve one is checked there.
 */
const GRANTS = {
  viewer: READING,
  editor: [
    ...READING,
    'conflicts:resolve',
    'errors:retry',
    'lookups:write',
    'mappings:write',
    'runs:write',
    'sync:run',
    'telemetry:define',
    'telemetry:write',
  ],
  approver: [...READING, 'mappings:approve', 'mappings:publish', 'plans:approve', 'plans:apply'],
  finance: [...READING, 'plans:approve', 'plans:apply', 'recon:run'],
  'licence-manager': [
    ...READING,
    'errors:retry',
    'people:decide',
    'recon:run',
    'stewards:write',
    'sync:run',
    'telemetry:define',
    'telemetry:write',
  ],
  auditor: [...READING, 'audit:read', 'keys:read', 'users:read'],
  admin: [
    ...READING,
    'audit:read',
    'conflicts:resolve',
    'connections:write',
    'errors:retry',
    'keys:read',
    'keys:write',
    'lookups:write',
    'mappings:approve',
    'mappings:publish',
    'mappings:write',
    'people:decide',
    'recon:run',
    'runs:write',
    'settings:write',
    'stewards:write',
    'sync:run',
    'telemetry:define',
    'telemetry:write',
    'tenants:read',
    'tenants:write',
    'users:read',
    'users:write',
  ],
} as const satisfies Record<Role, readonly Permission[]>;

/** Everything that these roles allow together. */
export function permissionsOf(roles: Iterable<Role>): ReadonlySet<Permission> {
  return new Set([...roles].flatMap((role) => [...GRANTS[role]]));
}
