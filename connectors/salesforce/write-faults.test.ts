import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import {
  control,
  openSalesforce,
  oracleOf,
  startSalesforce,
} from '../../test/support/salesforce-session.ts';
import { FIXTURE_IDS } from './twin/fixture-world.ts';

let twin: RunningTwin;
let session: ConnectorSession;

beforeAll(async () => {
  twin = await startSalesforce();
});
afterAll(() => twin.stop());
beforeEach(async () => {
  await control(twin, 'POST', '/reset');
  session = await openSalesforce(twin);
});

const contracts = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    externalId: `contract-${n}`,
    intentId: `intent-${n}`,
    vendorId: null,
    fields: { AccountId: FIXTURE_IDS.account, StartDate: '2026-04-01', ContractTerm: 12, Status: 'Draft' }, // prettier-ignore
  }));
const faults = (...rules: readonly object[]) => control(twin, 'PUT', '/faults', { rules });

describe('a batch of which one fails', () => {
  test('F-23: the refused one is rejected with the code of the vendor, and 199 are applied once', async () => {
    await faults({ action: 'partial', match: { object: 'Contract' }, nth: 7 });
    const results = await session.write('Contract', contracts(200));

    expect(results.filter(({ kind }) => kind === 'applied')).toHaveLength(199);
    expect(results[6]).toMatchObject({
      kind: 'rejected',
      externalId: 'contract-6',
      code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    });
    expect(await oracleOf(twin)).toHaveLength(199);
  });

  test('F-25: a locked row may be tried again, and the try applies it', async () => {
    await faults({ action: 'row_lock', match: { object: 'Contract' }, nth: 2 });
    const [, locked] = await session.write('Contract', contracts(2));
    const [again] = await session.write('Contract', contracts(2).slice(1));

    expect(locked).toMatchObject({ kind: 'retry', code: 'UNABLE_TO_LOCK_ROW' });
    expect(again).toMatchObject({ kind: 'applied', externalId: 'contract-1' });
    expect(await oracleOf(twin)).toHaveLength(2);
  });
});
