import { expect, test } from '@jest/globals';
import { loopbackEgress } from '../../test/support/egress.ts';
import { heldSecrets } from '../../test/support/held-secrets.ts';
import { mockHttp } from '../../test/support/http-mock.ts';
import { fixedClock } from '../../src/kernel/clock.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import connector from './index.ts';

const ORIGIN = 'https://assets.example.test';
const mock = mockHttp();

test.each([
  ['a machine that does not exist', 'Asset does not exist.', [{ id: '7', deleted: true }]],
  ['a machine that the key may not see', 'You do not have permission.', []],
])('of %s no more is said than the server says', async (_what, messages, expected) => {
  mock
    .origin(ORIGIN)
    .get('/api/v1/hardware/7')
    .reply(
      200,
      { status: 'error', messages, payload: null },
      { 'content-type': 'application/json' },
    );
  const session = await connector.open({
    connection: 'assets',
    config: connector.config.parse({ baseUrl: ORIGIN }),
    ...heldSecrets({ token: 'secret-token' }),
    egress: loopbackEgress(),
    clock: fixedClock('2026-03-02T08:00:00Z'),
    logger: silentLogger,
  });

  expect((await session.readByIds('hardware', ['7'])).records).toMatchObject(expected);
});
