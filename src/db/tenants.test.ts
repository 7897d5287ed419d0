import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import { NotFoundError, StaleError, ValidationError } from '../kernel/errors.ts';
import { createTenant, ensureTenant, getTenant, listTenants } from './tenants.ts';

let db: TestStore;

beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

describe('tenants', () => {
  test('a new tenant can be entered at once', async () => {
    const made = await createTenant(db.store, { id: 'initech', name: ' Initech ' });
    const seen = await db.store.withTenant('initech', (tx) => tx.sql('select app.tenant() as id'));

    expect(made).toMatchObject({ id: 'initech', name: 'Initech' });
    expect(seen).toEqual([{ id: 'initech' }]);
    expect(await getTenant(db.store, 'initech')).toEqual(made);
    expect((await listTenants(db.store)).map((tenant) => tenant.id)).toContain('initech');
  });

  test('an id is given once', async () => {
    const again = createTenant(db.store, { id: db.tenantId, name: 'Other' });

    await expect(again).rejects.toThrow(StaleError);
  });

  test('ensuring a tenant keeps the one that exists', async () => {
    const kept = await ensureTenant(db.store, { id: db.tenantId, name: 'Other' });

    expect(kept.name).toBe('Acme');
  });

  test.each([
    ['Bad Id', 'x'],
    ['fine', ' '],
  ])('id %j with name %j is refused', async (id, name) => {
    await expect(createTenant(db.store, { id, name })).rejects.toThrow(ValidationError);
  });

  test('an unknown id is not found', async () => {
    await expect(getTenant(db.store, 'nobody')).rejects.toThrow(NotFoundError);
  });
});
