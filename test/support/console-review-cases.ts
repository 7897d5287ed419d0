import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { seriousAccessibility } from './browser.ts';
import { clickCounter, openMapping, type ConsoleWorld, type Person } from './console-world.ts';

const CONTRACT = 'salesforce.contract';
const OUTBOUND = 'netsuite.order-to-sales-order';
const REVIEW = 'Review and publish';

const byStatus = (steps: readonly string[]) => ({
  op: 'set',
  row: 'status',
  value: { from: 'src.Status', steps },
});
/** Every contract is due for notice at another time. */
const OTHER_NOTICE = [
  { op: 'set', row: 'noticeDays', value: { value: 45 } },
  byStatus(['trim']),
  { op: 'set', key: 'tests', value: [] },
];

/** A test here is many steps of a browser; on a busy machine each of them takes its time. */
const UNHURRIED_MS = 90_000;

/** Requests and versions as people meet them in the console, from the first submission to a rebased draft. */
export function reviewCases(world: () => ConsoleWorld): void {
  let editor: Person;
  let approver: Person;
  const held = async () => (await editor.call('GET', `/mappings/${CONTRACT}`)).body;
  const request = (page: Page) => page.getByRole('region', { name: 'Change request' });
  /** A tab asks anew for what it shows when it is opened. */
  const look = async (page: Page) => {
    await page.getByRole('tab', { name: 'YAML' }).click();
    await page.reload();
    await page.getByRole('tab', { name: REVIEW }).click();
  };

  test(
    'a request shows what it changes and what would move before anybody decides, and offers each person their own steps',
    async () => {
      editor = await world().person('Edgar', ['editor']);
      approver = await world().person('Alma', ['approver']);
      const { page: viewer } = await world().person('Vera', ['viewer']);
      const path = `/mappings/${CONTRACT}/draft`;
      await editor.call('PATCH', path, { edits: OTHER_NOTICE }, null);
      await openMapping(editor.page, CONTRACT, REVIEW);
      await editor.page.getByRole('button', { name: 'Show what would move' }).click();
      await editor.page.getByRole('region', { name: 'What would move' }).waitFor();
      const drafted = await seriousAccessibility(editor.page);
      await editor.page.getByLabel('Why').fill('Notice is forty-five days');
      await editor.page.getByRole('button', { name: 'Submit for approval' }).click();
      await request(editor.page).waitFor();
      for (const page of [approver.page, viewer]) await openMapping(page, CONTRACT, REVIEW);
      await request(approver.page).getByRole('button', { name: 'Approve' }).waitFor();
      await request(viewer).getByRole('button', { name: 'Comment' }).waitFor();

      const moves = await request(approver.page)
        .getByRole('region', { name: 'What would move' })
        .innerText();
      const steps = async (page: Page) =>
        (await request(page).getByRole('button').allInnerTexts()).toSorted();

      expect(moves).toMatch(/Of \d+ records: \d+ update/);
      expect(moves).toMatch(/agreement .*: noticeDays \S+ → 45/);
      expect(await steps(viewer)).toEqual(['Comment']);
      expect(await steps(editor.page)).toEqual(['Comment', 'Withdraw']);
      expect(await steps(approver.page)).toEqual(['Approve', 'Comment', 'Decline', 'Return']);
      expect([...drafted, ...(await seriousAccessibility(approver.page))]).toEqual([]);
    },
    UNHURRIED_MS,
  );

  test(
    'it is talked about, returned with what is to be done, declined with why not, and withdrawn',
    async () => {
      const { page } = approver;
      await request(page).getByLabel('Say something').fill('Which contracts?');
      await request(page).getByRole('button', { name: 'Comment' }).click();
      await request(page).getByText('Which contracts?').waitFor();
      const withoutWords = await request(page).getByRole('button', { name: 'Return' }).isDisabled();
      await request(page).getByLabel('What is to be done, or why not').fill('Name the contracts');
      await request(page).getByRole('button', { name: 'Return' }).click();
      await request(page).waitFor({ state: 'detached' });
      await look(editor.page);
      const returned = await editor.page.getByRole('alert').innerText();
      await editor.page.getByLabel('Why').fill('All contracts');
      await editor.page.getByRole('button', { name: 'Submit for approval' }).click();
      await request(editor.page).waitFor();
      await look(page);
      await request(page).getByLabel('What is to be done, or why not').fill('Not this year');
      await request(page).getByRole('button', { name: 'Decline' }).click();
      await request(page).waitFor({ state: 'detached' });
      await look(editor.page);
      const declined = await editor.page.getByRole('alert').innerText();
      await editor.page.getByLabel('Why').fill('Next year then');
      await editor.page.getByRole('button', { name: 'Submit for approval' }).click();
      await request(editor.page).getByRole('button', { name: 'Withdraw' }).click();
      await request(editor.page).waitFor({ state: 'detached' });

      const { data } = (await editor.call('GET', `/change-requests?mapping=${CONTRACT}`)).body;

      expect(withoutWords).toBe(true);
      expect(returned).toContain('returned');
      expect(returned).toContain('Name the contracts');
      expect(declined).toContain('Not this year');
      expect(data.map(({ state }: { state: string }) => state)).toEqual([
        'withdrawn',
        'declined',
        'returned',
      ]);
      expect(await seriousAccessibility(editor.page)).toEqual([]);
    },
    UNHURRIED_MS,
  );

  test(
    'an approved request is published at a time to come, and until then now as well',
    async () => {
      await editor.page.getByLabel('Why').fill('Notice is forty-five days');
      await editor.page.getByRole('button', { name: 'Submit for approval' }).click();
      await request(editor.page).waitFor();
      const { data: requests } = (await editor.call('GET', `/change-requests?mapping=${CONTRACT}`))
        .body;
      await approver.page.goto(`${world().company.api.url}/change-requests/${requests[0].id}`);
      const asked = request(approver.page);
      await asked.getByRole('button', { name: 'Approve' }).click();
      await asked.getByLabel('Publish at').fill('2037-05-04T03:02');
      await asked.getByRole('button', { name: 'Publish then' }).click();
      await asked.getByText('Approved, to be published later').waitFor();
      const { data } = (await editor.call('GET', `/change-requests?mapping=${CONTRACT}`)).body;
      const accessible = await seriousAccessibility(approver.page);
      await asked.getByRole('button', { name: 'Publish now' }).click();
      await approver.page.getByText('No draft is open').waitFor();

      const { publishAt, state } = data[0];
      const inBrowser = await approver.page.evaluate(() => new Date('2037-05-04T03:02').toJSON());

      expect([state, new Date(publishAt).toJSON()]).toEqual(['scheduled', inBrowser]);
      expect((await held()).live).toMatchObject({ version: 2, origin: 'published' });
      expect(accessible).toEqual([]);
    },
    UNHURRIED_MS,
  );

  test(
    'A8: any two versions are compared, and a roll back in three clicks is counted before it can be asked for',
    async () => {
      await world().company.harness.drain();
      const { page } = editor;
      await look(page);
      const { click, count } = clickCounter();
      await click(page.getByRole('tab', { name: 'Versions' }));
      await page.getByRole('button', { name: 'What version 2 changed' }).click();
      const there = page.getByRole('region', { name: 'From version 1 to version 2' });
      const forward = await there.innerText();
      await page.getByRole('combobox', { name: 'From version' }).click();
      await page.getByRole('option', { name: '2' }).click();
      const same = page.getByRole('region', { name: 'From version 2 to version 2' });
      const alike = await same.innerText();
      const compared = await seriousAccessibility(page);
      await click(page.getByRole('button', { name: 'Back to version 1' }));
      const dialog = page.getByRole('dialog', { name: 'Roll back to version 1' });
      const counted = await dialog.getByRole('region', { name: 'Dry run' }).innerText();
      const changes = await dialog.getByRole('region', { name: 'What changes' }).innerText();
      const before = (await editor.call('GET', `/change-requests?mapping=${CONTRACT}`)).body
        .data[0];
      const asking = await seriousAccessibility(page);
      await dialog.getByLabel('Why').fill('As it was');
      await click(dialog.getByRole('button', { name: 'Ask for it' }));
      await dialog.waitFor({ state: 'hidden' });

      const after = (await editor.call('GET', `/change-requests?mapping=${CONTRACT}`)).body.data[0];

      expect(count()).toBeLessThanOrEqual(3);
      expect(forward).toContain('noticeDays is now');
      expect(alike).toContain('Nothing');
      expect(counted).toContain('It undoes version 2.');
      expect(counted).toMatch(/Of \d+ landed records [1-9]\d* would change/);
      expect(changes).toContain('noticeDays');
      expect([before.kind, after.kind]).toEqual(['publish', 'rollback']);
      expect([...compared, ...asking]).toEqual([]);
    },
    UNHURRIED_MS,
  );

  test(
    'a roll back of what is written elsewhere tells what it can bring back, and what somebody changed since',
    async () => {
      const edits = [{ op: 'set', key: 'title', value: 'Order to sales order, again' }];
      const draft = await editor.call('PATCH', `/mappings/${OUTBOUND}/draft`, { edits }, null);
      const asked = await editor.call('POST', `/mappings/${OUTBOUND}:submit`, {}, draft.etag ?? '');
      const { id, hash } = asked.body;
      await approver.call('POST', `/change-requests/${id}:approve`, { hash });
      await approver.call('POST', `/change-requests/${id}:publish`, {});
      const { page } = editor;
      await page.goto(`${world().company.api.url}/mappings/${OUTBOUND}`);
      await page.getByRole('tab', { name: 'Versions' }).click();
      await page.getByRole('button', { name: 'Back to version 1' }).click();
      const dialog = page.getByRole('dialog', { name: 'Roll back to version 1' });
      const counted = await dialog.getByRole('region', { name: 'Dry run' }).innerText();
      const restores = await dialog.getByLabel('Also restore the records').isChecked();
      const accessible = await seriousAccessibility(page);
      await page.goto(`${world().company.api.url}/mappings/${CONTRACT}`);

      expect(counted).toContain('0 records of connected systems were changed');
      expect(counted).toContain('0 were made, and are offered for cancellation');
      expect(counted).toContain('Nobody changed a value since it was written');
      expect(restores).toBe(true);
      expect(accessible).toEqual([]);
    },
    UNHURRIED_MS,
  );

  test(
    'a draft that another version overtook says so, and is brought up to it part by part',
    async () => {
      const mine = [
        { op: 'set', row: 'noticeDays', value: { value: 30 } },
        byStatus(['trim', 'trim']),
        { op: 'set', row: 'number', value: { from: 'src.ContractNumber', steps: ['trim'] } },
      ];
      await editor.call('PATCH', `/mappings/${CONTRACT}/draft`, { edits: mine }, null);
      await look(approver.page);
      await request(approver.page).getByRole('button', { name: 'Approve' }).click();
      await request(approver.page).getByRole('button', { name: 'Publish now' }).click();
      await request(approver.page).waitFor({ state: 'detached' });
      const { page } = editor;
      await look(page);
      await page.getByText('Version 3 came into effect meanwhile').waitFor();
      await page.getByLabel('Why').fill('Thirty days');
      await page.getByRole('button', { name: 'Submit for approval' }).click();
      const refused = page.getByRole('alert').filter({ hasText: 'Nothing was saved' });
      await refused.waitFor();
      await page.getByRole('button', { name: 'Bring it up to date' }).click();
      const dialog = page.getByRole('dialog', { name: 'Bring the draft up to version 3' });
      const told = await dialog.getByRole('region', { name: 'What version 3 changed' }).innerText();
      const save = dialog.getByRole('button', { name: 'Save the draft over version 3' });
      const undecided = await save.isDisabled();
      const accessible = await seriousAccessibility(page);
      const which = (part: string) => dialog.getByRole('radiogroup', { name: `Which ${part}` });
      await which('row noticeDays').getByLabel('Take over').check();
      await which('row status').getByLabel('Keep mine').check();
      const proposed = await which('tests').getByLabel('Take over').isChecked();
      await save.click();
      await dialog.waitFor({ state: 'hidden' });

      const draft = (await editor.call('GET', `/mappings/${CONTRACT}/draft`)).body;

      expect(told).toContain('noticeDays is now');
      expect([undecided, proposed]).toEqual([true, true]);
      expect(await which('row number').count()).toBe(0);
      expect(draft.baseVersion).toBe(3);
      expect(draft.document.fields).toMatchObject({
        noticeDays: { from: 'src.OwnerExpirationNotice' },
        status: { steps: ['trim', 'trim'] },
        number: { steps: ['trim'] },
      });
      expect(draft.document.tests.length).toBeGreaterThan(0);
      expect(accessible).toEqual([]);
    },
    UNHURRIED_MS,
  );
}
