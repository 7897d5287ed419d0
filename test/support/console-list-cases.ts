import { expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { quarantineUnmapped } from '../../src/intake/quarantine.ts';
import { seriousAccessibility } from './browser.ts';
import { openMapping, type ConsoleWorld } from './console-world.ts';

const DEAL = 'salesforce.opportunity';
const CUSTOMER = 'netsuite.customer';
const VENDOR = 'netsuite.vendor';

/** A test here is many steps of a browser; on a busy machine each of them takes its time. */
const UNHURRIED_MS = 90_000;

/** What the list tells of each mapping, what the filters of its rows find, and mappings that come from a file. */
export function listCases(world: () => ConsoleWorld): void {
  const lineOf = (page: Page, id: string): Locator =>
    page.getByRole('row').filter({ has: page.getByRole('link', { name: id, exact: true }) });

  test(
    'the list tells how far each mapping covers its target, what failed in seven days, and who answers for it',
    async () => {
      const { page, call } = await world().person('Olga', ['admin']);
      const { harness } = world().company;
      await harness.inTx((tx) =>
        quarantineUnmapped(
          tx,
          { runId: 'run_1', connection: 'crm', stream: 'Opportunity' },
          ['006LISTED1', '006LISTED2'].map((recordId) => ({
            recordId,
            code: 'bad_value',
            reason: 'isWon: the value is no boolean',
            field: 'isWon',
            mappingId: DEAL,
            mappingVersion: 2,
          })),
        ),
      );
      const { body: named } = await call('POST', '/users', { name: 'Stella', roles: ['editor'] });
      const steward = { person: named.id };
      await call('PUT', `/stewardship/mapping/${CUSTOMER}`, steward, null);
      await page.reload();
      await lineOf(page, CUSTOMER).getByText('Stella').waitFor();

      const { data } = (await call('GET', '/mappings?limit=200')).body;
      const deal = data.find(({ id }: { id: string }) => id === DEAL);
      const cells = await lineOf(page, DEAL).getByRole('cell').allInnerTexts();
      const accessible = await seriousAccessibility(page);
      await openMapping(page, DEAL);
      await page.getByText('Nobody answers for it and its fields').waitFor();
      const { required, mapped } = deal.coverage;

      expect(deal.errors).toEqual({ waiting: 2, last7Days: 2 });
      expect(cells.slice(6)).toEqual([
        `✓ ${mapped} of ${required}`,
        '2, 2 waiting',
        expect.stringContaining('! unowned'),
      ]);
      expect(await page.getByText('! unowned').count()).toBe(1);
      expect([...accessible, ...(await seriousAccessibility(page))]).toEqual([]);
    },
    UNHURRIED_MS,
  );

  test(
    'the filters of the rows find what fails, here or in the inbox, and what could be suggested',
    async () => {
      const { page } = await world().person('Frida', ['editor']);
      await openMapping(page, DEAL);
      const rows = page.getByRole('table', { name: 'Rows' });
      const named = (name: string) => rows.getByRole('button', { name: new RegExp(`^${name}( |$)`) }); // prettier-ignore
      const filter = (name: string) =>
        page.getByRole('radiogroup', { name: 'Which fields' }).getByText(name, { exact: true }).click(); // prettier-ignore
      await filter('Errors');
      await rows.getByText('! 2 waiting: isWon: the value is no boolean').waitFor();
      const waiting = await named('isWon').count();
      const fine = await named('closeDate').count();
      await filter('All');
      await named('closeDate').click();
      await page.getByRole('combobox', { name: 'Type' }).click();
      await page.getByRole('option', { name: 'integer', exact: true }).click();
      await filter('Errors');
      await rows.getByText(/^! .*closeDate/).first().waitFor(); // prettier-ignore
      const failing = await seriousAccessibility(page);
      await page.getByRole('button', { name: 'Undo this field' }).click();
      await page.getByRole('button', { name: 'Remove this field' }).click();
      await filter('Suggested');
      const take = rows.getByRole('button', { name: 'Take it: the suggestion for closeDate' });
      await take.waitFor();
      const suggested = await seriousAccessibility(page);
      const proposal = await rows.getByRole('row', { name: /^closeDate/ }).innerText();
      const unasked = await named('isWon').count();
      await take.click();
      await take.waitFor({ state: 'detached' });
      await filter('Changed');
      await rows.getByRole('row', { name: /^closeDate \(changed\).*src\.CloseDate/ }).waitFor();

      expect([waiting, fine, unasked]).toEqual([1, 0, 0]);
      expect(proposal).toMatch(/Suggested, \d+ %: src\.CloseDate/);
      expect([...failing, ...suggested]).toEqual([]);
    },
    UNHURRIED_MS,
  );

  test(
    'a file of mappings is shown before it is taken: a refused one by row, another as the drafts that it makes',
    async () => {
      const { page, call } = await world().person('Ines', ['editor']);
      const { text } = (
        await call('GET', `/mappings:export?ids=${CUSTOMER},${VENDOR}&shipped=true`)
      ).body;
      const wrong = text.replace('from: src.companyname', 'frm: src.companyname').replace('from: src.country', 'form: src.country'); // prettier-ignore
      const right = text.replace('title: Customer to organisation', 'title: Our customers');
      const dialog = page.getByRole('dialog', { name: 'Import mappings' });
      const choose = (content: string) =>
        dialog.locator('input[type=file]').setInputFiles({ name: 'own.yaml', mimeType: 'application/yaml', buffer: Buffer.from(content) }); // prettier-ignore
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await choose(wrong);
      const problems = dialog.getByRole('table', { name: 'Problems of mapping 1 of the text' });
      await problems.waitFor();
      const told = await problems.locator('tbody tr').allInnerTexts();
      const looked = await dialog.getByRole('region', { name: 'What it would do' }).innerText();
      const refused = await seriousAccessibility(page);
      const make = dialog.getByRole('button', { name: /^Make drafts/ });
      const offered = await make.isEnabled();
      await choose(right);
      await problems.waitFor({ state: 'detached' });
      await dialog.getByText('~ differs').waitFor();
      const changes = await dialog.getByRole('listitem').allInnerTexts();
      const before = (await call('GET', `/mappings/${CUSTOMER}`)).body.draft;
      await dialog.getByRole('button', { name: 'Make drafts (1)' }).click();
      await dialog.getByText('1 draft was made').waitFor();
      const made = await seriousAccessibility(page);
      await choose(right);
      await dialog.getByRole('button', { name: 'Make drafts (1)' }).click();
      await dialog.getByText('has a draft of').waitFor();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });

      const draft = (await call('GET', `/mappings/${CUSTOMER}/draft`)).body;

      expect(told.map((line) => line.split('\t')[0])).toEqual(['countryCode', 'legalName']);
      expect(told[0]).toMatch(/\t\d+\t.*form/);
      expect(looked).toContain('1 of 2 mappings do not fit');
      expect(offered).toBe(false);
      expect(changes.join(' ')).toContain('Our customers');
      expect(before).toBeNull();
      expect(draft).toMatchObject({ revision: 1, document: { title: 'Our customers' } });
      expect([...refused, ...made]).toEqual([]);
    },
    UNHURRIED_MS,
  );
}
