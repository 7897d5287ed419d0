import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ValidationError, type JsonObject } from '../../src/sdk/kernel.ts';
import type { ConnectorSession } from '../../src/sdk/define-connector.ts';
import type { RunningTwin } from '../../src/sdk/define-twin.ts';
import { control, openSalesforce, startSalesforce } from '../../test/support/salesforce-session.ts';
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

const put = (object: string, externalId: string, fields: JsonObject) =>
  session.write(object, [{ externalId, intentId: `intent-${externalId}`, vendorId: null, fields: { AccountId: FIXTURE_IDS.account, ...fields } }]); // prettier-ignore
const offers = async (object: string, ...ids: readonly string[]) =>
  (await session.cancellations?.(object, ids)) ?? [];
const reasons = async (object: string, ...ids: readonly string[]) =>
  (await offers(object, ...ids)).map(({ label, refused }) => `${label}: ${refused ?? 'offered'}`);

describe('cancelling', () => {
  test('a contract takes the status that the organisation has for it, and only a draft', async () => {
    const term = { StartDate: '2026-04-01', ContractTerm: 12 };
    await put('Contract', 'c-1', { ...term, Name: 'Draft', Status: 'Draft' });
    await put('Contract', 'c-2', { ...term, Name: 'Signed', Status: 'Activated' });
    const without = await reasons('Contract', 'c-1', 'c-2', 'c-none');
    await control(twin, 'PUT', '/faults', { rules: [{ action: 'retype_field', match: { object: 'Contract' }, with: { field: 'Status', addValues: ['Cancelled'] } }] }); // prettier-ignore
    const [offer] = await offers('Contract', 'c-1');

    expect(without.toSorted()).toEqual([
      expect.stringMatching(/^Draft: The organisation has no status for cancelled contracts\./),
      expect.stringMatching(/^Signed: It is activated/),
    ]);
    expect(offer).toMatchObject({ externalId: 'c-1', label: 'Draft', fields: { Status: 'Cancelled' }, present: { Status: 'Draft' } }); // prettier-ignore
  });

  test('an asset becomes obsolete, once', async () => {
    await put('Asset', 'a-1', { Name: 'Seats', Status: 'Installed' });
    const [offer] = await offers('Asset', 'a-1');
    await put('Asset', 'a-1', { Status: 'Obsolete' });

    expect(offer).toMatchObject({ fields: { Status: 'Obsolete' }, present: { Status: 'Installed' } }); // prettier-ignore
    expect(await reasons('Asset', 'a-1')).toEqual(['Seats: It is obsolete already.']);
  });

  test('an open opportunity goes to the stage that is closed and not won; a closed one stays', async () => {
    const deal = { CloseDate: '2027-03-31', CurrencyIsoCode: 'USD' };
    await put('Opportunity', 'o-1', { ...deal, Name: 'Open', StageName: 'Qualification' });
    await put('Opportunity', 'o-2', { ...deal, Name: 'Won', StageName: 'Closed Won' });

    expect((await offers('Opportunity', 'o-1'))[0]).toMatchObject({ fields: { StageName: 'Closed Lost' } }); // prettier-ignore
    expect(await reasons('Opportunity', 'o-2')).toEqual([
      'Won: It is closed already (Closed Won).',
    ]);
  });

  test('what we never make cannot be', async () => {
    await expect(offers('Account', 'x')).rejects.toBeInstanceOf(ValidationError);
  });
});
