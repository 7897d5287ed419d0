import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { changeConnection } from '../../src/app/flows/change-connection.ts';
import { putSeatLimits } from '../../src/app/flows/put-seat-limits.ts';
import { serveApi, type ServedApi } from '../support/api.ts';
import { makeCliHome, type CliHome } from '../support/cli.ts';
import { startHarness, type Harness } from '../support/flow-harness.ts';

// The seats of a company's own people from the command line and the API: see, act, approve, bring back.

let world: Harness;
let api: ServedApi;
let cli: CliHome;
let manager: string;
let viewer: string;
let approver: string;

beforeAll(async () => {
  world = await startHarness();
  const metrics = { render: async () => ({ contentType: 'text/plain', body: '' }) };
  api = await serveApi({ ...world.deps, version: '0.0.0-test', metrics });
  cli = await makeCliHome();
  await world.pull('people');
  await changeConnection(world.deps, world.caller, { id: 'people', mode: 'read-write' });
  const person = async (role: 'licence-manager' | 'viewer' | 'approver') =>
    (await api.person(world.caller.tenantId, [role])).key;
  manager = await person('licence-manager');
  viewer = await person('viewer');
  approver = await person('approver');
}, 90_000);
afterAll(async () => {
  await cli?.stop();
  await api?.close();
  await world?.stop();
});

const run = (key: string, ...args: readonly string[]) =>
  cli.run([...args, '--url', api.url], { TRUEUP_KEY: key });
const json = async (key: string, ...args: readonly string[]) => {
  const { code, out, err } = await run(key, ...args, '--json');
  if (code !== 0) throw new Error(`trueup ${args.join(' ')} ended with ${code}: ${err}`);
  return JSON.parse(out);
};

describe('trueup seats', () => {
  test('lists who holds what, and reclaims within the limits at once', async () => {
    const [seat, ...others] = await json(viewer, 'seats', 'list', '--connection', 'people');

    const done = await run(manager, 'seats', 'reclaim', '--person', seat.userRef, '--product', seat.product, '--reason', 'moved on', '--apply'); // prettier-ignore
    await world.drain();
    const id = /pln_\w+/.exec(done.out)?.[0] ?? '';

    expect(others.length).toBeGreaterThan(10);
    expect(done.out).toContain(`people ${seat.userRef} ${seat.product}: taken`);
    expect((await json(viewer, 'plans', 'show', id)).status).toBe('applied');
    const users = await world.twins.scim.records('Users');
    const user = users.find((each) => each['id'] === seat.userRef);
    expect(JSON.stringify(user?.['entitlements'] ?? [])).not.toContain(seat.skuCode);
  });

  test('A15, F-76: above the limits it says for whom it waits, and an approver lets it go', async () => {
    await putSeatLimits(world.deps, world.caller, { seats: 1, percent: 0 });
    await world.pull('people');
    const seats = await json(viewer, 'seats', 'list', '--limit', '0');
    const count = new Map<string, number>();
    for (const { product } of seats) count.set(product, (count.get(product) ?? 0) + 1);
    const rarest = [...count].toSorted((left, right) => left[1] - right[1]).find(([, each]) => each > 1); // prettier-ignore
    const [product = '', many = 0] = rarest ?? [];

    const asked = await json(manager, 'seats', 'reclaim', '--product', product, '--connection', 'people', '--apply'); // prettier-ignore
    const words = await run(manager, 'seats', 'reclaim', '--product', product, '--connection', 'people'); // prettier-ignore
    const own = await run(manager, 'plans', 'approve', asked.id, '--hash', asked.hash);
    await json(approver, 'plans', 'approve', asked.id, '--hash', asked.hash, '--apply');
    await world.drain();
    await world.pull('people');

    expect(asked).toMatchObject({ status: 'waiting', body: { seats: { freed: many } } });
    expect(words.out).toContain(`trueup plans approve ${asked.id} --hash ${asked.hash} --apply`);
    expect(own.code).toBe(3);
    expect(await json(viewer, 'seats', 'list', '--product', product, '--connection', 'people')).toEqual([]); // prettier-ignore

    const { id } = await json(manager, 'seats', 'restore', '--plan', asked.id, '--apply');
    await world.drain();
    await world.pull('people');
    const back = await json(viewer, 'seats', 'list', '--product', product, '--connection', 'people'); // prettier-ignore
    expect((await json(viewer, 'plans', 'show', id)).status).toBe('applied');
    expect(back).toHaveLength(many);
  }, 60_000);

  test('refuses who may not, a request that says too little, and a person without seats', async () => {
    const refused = await run(viewer, 'seats', 'reclaim', '--person', 'x');
    const little = await run(manager, 'seats', 'hold');
    const nobody = await run(manager, 'seats', 'reclaim', '--person', 'nobody@example.test');

    expect([refused.code, little.code, nobody.code]).toEqual([3, 6, 4]);
    expect(nobody.err).toContain('seats list');
  });

  test('the limits are the company’s', async () => {
    const before = await json(viewer, 'seat-limits', 'show');

    expect(before).toEqual({ seats: 1, percent: 0, hours: 24 });
    const { status } = await api.call('PUT', '/api/v1/seat-limits', { key: manager, body: { seats: 3 } }); // prettier-ignore
    expect(status).toBe(403);
  });
});
