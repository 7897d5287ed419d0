import { expect, test } from '@jest/globals';
import { seriousAccessibility } from './browser.ts';
import { openMapping, type ConsoleWorld } from './console-world.ts';

const CONTRACT = 'salesforce.contract';
const DEAL = 'salesforce.opportunity';
const ACCOUNT = 'salesforce.account';

/** A test here is many steps of a browser; on a busy machine each of them takes its time. */
const UNHURRIED_MS = 90_000;

interface Differing {
  readonly items: readonly { readonly fields: readonly { readonly field: string }[] }[];
}

/** A mapping that is begun with another, tried over what landed, and the history of one of its rows. */
export function trialCases(world: () => ConsoleWorld): void {
  test(
    'the history of a row tells each version that changed it, and a row without one says so',
    async () => {
      const editor = await world().person('Hilde', ['editor']);
      const { page } = editor;
      const { body } = await editor.call('GET', `/mappings/${CONTRACT}/rows/noticeDays/history`);
      const { target } = (await editor.call('GET', `/mappings/${CONTRACT}/fields`)).body;
      const { fields } = (await editor.call('GET', `/mappings/${CONTRACT}`)).body.document;
      const unmapped: string = target.fields.find(
        ({ name }: { name: string }) => !Object.hasOwn(fields, name),
      ).name;
      await openMapping(page, CONTRACT);
      await page.getByRole('button', { name: 'noticeDays', exact: true }).click();
      await page.getByRole('button', { name: 'Row history' }).click();
      const history = page.getByRole('list', { name: 'History of noticeDays' });
      await history.getByRole('listitem').first().waitFor();
      const told = await history.getByRole('listitem').allInnerTexts();
      const accessible = await seriousAccessibility(page);
      await page.getByRole('button', { name: unmapped }).click();
      await page.getByRole('button', { name: 'Row history' }).click();
      await page.getByText('No version has it yet.').waitFor();

      expect(told.length).toBe(body.data.length);
      expect(told.length).toBeGreaterThan(0);
      expect(told.at(-1)).toContain('shipped');
      for (const [at, version] of body.data.entries())
        expect(told[at]).toContain(version.differences[0].text);
      expect(accessible).toEqual([]);
    },
    UNHURRIED_MS,
  );

  test(
    'what is not even saved runs in the shadow of what is in effect: totals, fields and records, and nothing is written',
    async () => {
      const editor = await world().person('Sara', ['editor']);
      const { page } = editor;
      await openMapping(page, DEAL);
      await page.getByRole('button', { name: 'name', exact: true }).click();
      await page.getByRole('textbox', { name: 'Steps' }).fill('trim\nupper');
      await page.getByRole('tab', { name: 'Shadow run' }).click();
      await page.getByText('Nobody has run it yet.').waitFor();
      const before = await seriousAccessibility(page);
      await page.getByLabel('Records that landed last').fill('1000');
      await page.getByRole('button', { name: 'Run in the shadow' }).click();
      const result = page.getByRole('region', { name: 'Result of the shadow run' });
      await result.getByText(/^Done: \d+ records\.$/).waitFor();
      await result.getByRole('table', { name: 'Records that differ' }).waitFor();
      const [run] = (await editor.call('GET', `/shadow-runs?mapping=${DEAL}`)).body.data;
      const { data } = (await editor.call('GET', `/shadow-runs/${run.id}/differences?limit=50`))
        .body;
      const cells = await result
        .getByRole('table', { name: 'Outcomes' })
        .getByRole('row', { name: /update/ })
        .allInnerTexts();
      const fields = await result.getByRole('table', { name: 'Fields that differ' }).innerText();
      const records = result.getByRole('table', { name: 'Records that differ' });
      const lines = await records.locator('tbody tr').allInnerTexts();
      const after = await seriousAccessibility(page);
      await result.getByRole('combobox', { name: 'Outcome' }).click();
      await page.getByRole('option', { name: /blocked/ }).click();
      await page.getByText('No record has this outcome.').waitFor();
      const { page: viewer } = await world().person('Veit', ['viewer']);
      await openMapping(viewer, DEAL, 'Shadow run');
      await viewer.getByText(`Done: ${run.lookedAt} records.`).waitFor();

      expect(run.counts.update).toBeGreaterThan(0);
      expect(cells).toEqual([expect.stringContaining(String(run.counts.update))]);
      expect(run.fields).toEqual({ name: run.differing });
      expect(fields).toContain(`name\t${run.differing}`);
      expect(lines.length).toBe(data.length);
      expect(lines[0]).toMatch(/name: .*[a-z].* → [^a-z]+/);
      expect((data as readonly Differing[]).every(({ items }) => items.length > 0)).toBe(true);
      expect((await editor.call('GET', `/mappings/${DEAL}`)).body.draft).toBeNull();
      expect(await viewer.getByRole('button', { name: 'Run in the shadow' }).count()).toBe(0);
      expect([...before, ...after]).toEqual([]);
    },
    UNHURRIED_MS,
  );

  test(
    'a mapping begins with the rows of another, about records of its own, and is a draft then',
    async () => {
      const editor = await world().person('Nora', ['editor']);
      const { page } = editor;
      await page.getByRole('button', { name: 'New mapping' }).click();
      const dialog = page.getByRole('dialog', { name: 'New mapping' });
      await dialog.getByRole('combobox', { name: 'Begin with the rows of' }).fill(ACCOUNT);
      await page.getByRole('option', { name: new RegExp(`^${ACCOUNT}:`) }).click();
      await dialog.getByLabel('Id of the new mapping').fill('own.partner');
      await dialog.getByRole('button', { name: 'Begin the draft' }).click();
      const refused = await dialog.getByRole('alert').innerText();
      const accessible = await seriousAccessibility(page);
      await dialog.getByRole('combobox', { name: 'Object' }).click();
      await page.getByRole('option', { name: /^Contract\b/ }).first().click(); // prettier-ignore
      await dialog.getByRole('button', { name: 'Begin the draft' }).click();
      await page.getByText('own.partner · nothing in effect').waitFor();

      const { document } = (await editor.call('GET', '/mappings/own.partner/draft')).body;
      const template = (await editor.call('GET', `/mappings/${ACCOUNT}`)).body.document;

      expect(refused).toContain('the same records');
      expect(page.url()).toBe(`${world().company.api.url}/mappings/own.partner`);
      expect(document.source).toEqual({ connection: 'salesforce', object: 'Contract' });
      expect(document.fields).toEqual(template.fields);
      expect([...accessible, ...(await seriousAccessibility(page))]).toEqual([]);
    },
    UNHURRIED_MS,
  );
}
