import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import netsuite from '../../connectors/netsuite/twin/index.ts';
import salesforce from '../../connectors/salesforce/twin/index.ts';
import scim from '../../connectors/scim/twin/index.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { TwinDefinition, TwinWorld } from '../sdk/define-twin.ts';
import { generateCompany } from './company.ts';

const company = generateCompany(1);
const Records = z.array(z.record(z.string(), z.json()));

/** What the twin holds of every object after it was started with the world. */
async function heldBy(twin: TwinDefinition, world: TwinWorld): Promise<Map<string, JsonObject[]>> {
  const startAt = `${company.today}T08:00:00Z`;
  const running = await twin.start({ world, planted: company.planted, port: 0, startAt, seed: 1 });
  try {
    const held = new Map<string, JsonObject[]>();
    for (const object of Object.keys(world.objects)) {
      const answer = await fetch(`${running.control}/records?object=${object}`);
      held.set(object, Records.parse(await answer.json()));
    }
    return held;
  } finally {
    await running.stop();
  }
}

describe('the vendors accept the company as it is', () => {
  test('Salesforce declares every field and derives the same amounts, end dates and stages', async () => {
    const { objects } = company.worlds.salesforce;

    const held = await heldBy(salesforce, company.worlds.salesforce);

    for (const [object, rows] of Object.entries(objects)) {
      const byId = new Map(held.get(object)?.map((row) => [row['Id'], row]));
      expect(byId.size).toBe(rows.length);
      const changed = rows.flatMap((row) => Object.entries(row).filter(([name, value]) => byId.get(row['Id'] ?? '')?.[name] !== value).map(([name]) => `${object}.${name}`));
      expect([...new Set(changed)]).toEqual([]);
    }
  }); // prettier-ignore

  test('NetSuite declares every field and holds every record', async () => {
    const held = await heldBy(netsuite, company.worlds.netsuite);

    for (const [object, rows] of Object.entries(company.worlds.netsuite.objects)) {
      // Negative numbers are the account's own: the system itself is an employee of every account.
      const ids = (held.get(object) ?? []).map((row) => JSON.stringify(row['id']));
      expect(new Set(ids.filter((id) => !id.startsWith('"-')))).toEqual(
        new Set(rows.map((row) => JSON.stringify(row['id']))),
      );
    }
  });

  test('the directory holds every user and group', async () => {
    const held = await heldBy(scim, company.worlds.scim);

    for (const [object, rows] of Object.entries(company.worlds.scim.objects)) {
      expect(held.get(object)?.map((row) => row['id'])).toEqual(rows.map((row) => row['id']));
    }
  });
});
