import { expect, test } from '@jest/globals';
import { createReader } from './read.ts';
import type { NetSuiteClient } from './client.ts';
import { Config } from './config.ts';

/** Answers each query with the rows that it is for. */
function answering(orders: readonly object[], lines: readonly object[]): NetSuiteClient {
  return {
    call: ({ body }: { readonly body: string }) => {
      const items = body.includes('FROM transactionline') ? lines : orders;
      const count = String(items.length);
      return Promise.resolve({
        status: 200,
        headers: {},
        body: { items, hasMore: false, count, totalResults: count },
      });
    },
  } as unknown as NetSuiteClient;
}

test('records asked for by id that cannot be landed are named with the reason, and are not taken for gone', async () => {
  const stamp = '2026-03-02 09:00:00';
  const client = answering(
    [
      { id: '100', lastmodifieddate: stamp },
      { id: '101', lastmodifieddate: stamp },
      { id: '102', lastmodifieddate: 'never' },
    ],
    [
      { transaction: '100', line: '1', quantity: '-2', rate: '5', amount: '-10' },
      { transaction: '101', line: '1', quantity: 'two', rate: '5', amount: '-10' },
    ],
  );
  const config = Config.parse({ accountId: '1234567', clientId: 'c', certificateId: 'k' });

  const { records, unreadable } = await createReader(client, config).readByIds('salesOrder', ['100', '101', '102']); // prettier-ignore

  expect(records.map(({ id, deleted }) => [id, deleted])).toEqual([['100', false]]);
  expect(unreadable.map(({ id, code, outcome }) => [id, code, outcome])).toEqual([
    ['101', 'unreadable_figure', 'quarantined'],
    ['102', 'no_stamp', 'quarantined'],
  ]);
});
