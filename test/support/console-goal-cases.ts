import { expect, test } from '@jest/globals';
import { saveSetting } from '../../src/app/company-settings.ts';
import { seriousAccessibility } from './browser.ts';
import {
  clickCounter,
  openMapping,
  tabTo,
  type ConsoleWorld,
  type Person,
} from './console-world.ts';

const ACCOUNT = 'salesforce.account';
const PRODUCT = 'salesforce.product';
const OPPORTUNITY = 'salesforce.opportunity';
const REGION = 'dataResidencyRegion';

/** A test here is many steps of a browser; on a busy machine each of them takes its time. */
const UNHURRIED_MS = 90_000;

/** What the console promises in clicks, and that all of it works without a mouse. */
export function goalCases(world: () => ConsoleWorld): void {
  let alone: Person;
  const mapping = async (id: string) => (await alone.call('GET', `/mappings/${id}`)).body;

  test(
    'proposals fill what has no row, all that are sure at once, and no row of a person is written over',
    async () => {
      const { page } = await world().person('Sven', ['editor']);
      await openMapping(page, OPPORTUNITY);
      for (const row of ['closeDate', 'isWon']) {
        await page.getByRole('button', { name: row, exact: true }).click();
        await page.getByRole('button', { name: 'Remove this field' }).click();
      }
      await page.getByRole('button', { name: 'name', exact: true }).click();
      await page.getByRole('textbox', { name: 'Steps' }).fill('trim\nupper');
      await page.getByText('3 unsaved').waitFor();
      await page.getByRole('button', { name: 'Suggest rows' }).click();
      const panel = page.getByRole('region', { name: 'Suggestions' });
      await panel.getByRole('row', { name: /^closeDate src\.CloseDate/ }).waitFor();
      const offered = await panel.getByRole('row').allInnerTexts();
      const accessible = await seriousAccessibility(page);
      await panel.getByRole('button', { name: /^Accept all of 90 %/ }).click();
      const rows = page.getByRole('table', { name: 'Rows' });
      await rows.getByRole('row', { name: /^closeDate .*src\.CloseDate/ }).waitFor();

      const kept = await rows
        .getByRole('row', { name: /^name / })
        .first()
        .innerText();

      expect(offered.filter((line) => line.startsWith('name'))).toEqual([]);
      expect(offered.some((line) => /^closeDate.*\d+ %\s+\S/s.test(line))).toBe(true);
      expect(kept).toContain('trim, upper');
      expect(await page.getByText('No unsaved changes').count()).toBe(0);
      expect(accessible).toEqual([]);
    },
    UNHURRIED_MS,
  );

  test(
    'A1: one more field is live after at most five clicks and thirty seconds, landed records with it',
    async () => {
      const { harness } = world().company;
      await harness.inTx((tx) =>
        saveSetting(tx, 'mappings', { secondPerson: false }, 'system:test'),
      );
      alone = await world().person('Olga', ['admin']);
      const { page } = alone;
      const { click, count } = clickCounter();
      const started = performance.now();
      await click(page.getByRole('navigation').getByRole('link', { name: 'Mappings' }));
      await click(page.getByRole('link', { name: ACCOUNT, exact: true }));
      await click(page.getByRole('button', { name: REGION }));
      await click(page.getByRole('option', { name: 'src.BillingCountryCode' }));
      const again = await page.getByLabel('Map landed records again').isChecked();
      await click(page.getByRole('button', { name: 'Publish now' }));
      await page.getByText('version 2 in effect').waitFor();
      const seconds = (performance.now() - started) / 1000;
      await harness.drain();

      const { document, live } = await mapping(ACCOUNT);
      const { data } = (await alone.call('GET', `/mappings/${ACCOUNT}/replays`)).body;

      expect(count()).toBeLessThanOrEqual(5);
      expect(seconds).toBeLessThan(30);
      expect([live.version, again]).toEqual([2, true]);
      expect(document.fields[REGION]).toEqual({ from: 'src.BillingCountryCode' });
      expect(data[0]).toMatchObject({ mappingVersion: 2, status: 'succeeded' });
      expect(data[0].facts).toBeGreaterThan(0);
      expect(await seriousAccessibility(page)).toEqual([]);
    },
    UNHURRIED_MS,
  );

  test(
    'A7: from an error to all of its records tried again with a mended mapping in five clicks on one page',
    async () => {
      const { harness } = world().company;
      const broken = [
        { op: 'set', row: 'rightsPerPack', value: { from: 'src.Name', to: 'integer' } },
        { op: 'set', key: 'tests', value: [] },
      ];
      const draft = await alone.call(
        'PATCH',
        `/mappings/${PRODUCT}/draft`,
        { edits: broken },
        null,
      );
      const asked = await alone.call('POST', `/mappings/${PRODUCT}:submit`, {}, draft.etag ?? '');
      const { id, hash } = asked.body;
      await alone.call('POST', `/change-requests/${id}:approve`, { hash });
      await alone.call('POST', `/change-requests/${id}:publish`, {});
      await harness.drain();
      const waiting = async () =>
        (await alone.call('GET', '/errors/groups')).body.data.filter(
          ({ mappingId }: { mappingId: string }) => mappingId === PRODUCT,
        );
      const [{ count: failed }] = await waiting();
      const { page } = alone;
      const { click, count } = clickCounter();

      await click(page.getByRole('navigation').getByRole('link', { name: 'Errors' }));
      const listed = await seriousAccessibility(page);
      await click(page.getByRole('button', { name: /^Fix mapping: .*rightsPerPack/ }));
      await click(page.getByRole('option', { name: 'src.Trueup_Rights_Per_Pack__c' }));
      const preview = page.getByRole('region', { name: 'Preview' });
      await preview.getByRole('row', { name: /^rightsPerPack/ }).waitFor();
      const mending = await seriousAccessibility(page);
      // Saved, and not submitted: what was begun here goes on over its own draft.
      const publish = page.getByRole('button', { name: 'Publish', exact: true });
      await page.route(/:submit$/, (route) => route.fulfill({ status: 503, json: { detail: 'Busy.' } }), { times: 1 }); // prettier-ignore
      await publish.click();
      await page.getByText('Busy.').waitFor();
      await click(publish);
      await page.getByText('It is in effect').waitFor();
      await click(page.getByRole('button', { name: `Retry ${failed}` }));
      await page.getByText(`${failed} records, 0 writes`).waitFor();
      await harness.drain();

      expect(count()).toBeLessThanOrEqual(5);
      expect(page.url()).toBe(`${world().company.api.url}/errors`);
      expect(failed).toBeGreaterThan(1);
      expect(await waiting()).toEqual([]);
      expect((await mapping(PRODUCT)).document.fields.rightsPerPack).toMatchObject({
        from: 'src.Trueup_Rights_Per_Pack__c',
      });
      expect([...listed, ...mending, ...(await seriousAccessibility(page))]).toEqual([]);
    },
    UNHURRIED_MS,
  );

  test(
    'a row is edited, previewed, saved and submitted with the keyboard alone',
    async () => {
      const { page } = await world().person('Kim', ['editor']);
      const press = async (wanted: ReturnType<typeof page.locator>, key = 'Enter') => {
        await tabTo(page, wanted);
        await page.keyboard.press(key);
      };
      const { harness } = world().company;
      await harness.inTx((tx) =>
        saveSetting(tx, 'mappings', { secondPerson: true }, 'system:test'),
      );
      await press(page.getByRole('link', { name: ACCOUNT, exact: true }));
      await press(page.getByRole('button', { name: 'vatNumber' }));
      await page.getByRole('option', { name: 'src.CurrencyIsoCode' }).waitFor();
      await page.keyboard.type('Currency');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      const chosen = await page.getByRole('combobox', { name: 'Source field' }).inputValue();
      await page.getByRole('region', { name: 'Preview' }).getByText('differs').first().waitFor();
      await page.keyboard.press('Shift+Tab');
      await press(page.getByRole('button', { name: 'Save draft' }));
      await page.getByText('No unsaved changes').waitFor();
      await page.reload();
      await tabTo(page, page.getByRole('tab', { name: 'Fields' }));
      for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
      await tabTo(page, page.getByLabel('Why'));
      await page.keyboard.type('By keyboard');
      await press(page.getByRole('button', { name: 'Submit for approval' }));
      await page.getByText('Waiting for approval by somebody else').waitFor();
      await press(page.getByRole('button', { name: 'Withdraw' }));
      await page.getByRole('button', { name: 'Submit for approval' }).waitFor();

      expect(chosen).toBe('src.CurrencyIsoCode');
      expect(await seriousAccessibility(page)).toEqual([]);
    },
    UNHURRIED_MS,
  );

  test(
    'unsaved work is asked about before a link, "back", signing out or the tab leaves it behind',
    async () => {
      const { page } = await world().person('Lena', ['editor']);
      await openMapping(page, OPPORTUNITY);
      await page.getByRole('button', { name: 'name', exact: true }).click();
      await page.getByRole('textbox', { name: 'Steps' }).fill('upper');
      const asked = page.getByRole('dialog', { name: 'Leave without saving?' });
      const at = page.url();
      const stays = async (leave: () => Promise<unknown>) => {
        await leave();
        await asked.getByRole('button', { name: 'Stay' }).click();
        await asked.waitFor({ state: 'hidden' });
        return page.url();
      };
      const stayed = [
        await stays(() => page.getByRole('link', { name: '← All mappings' }).click()),
        await stays(() => page.evaluate('history.back()')),
        await stays(() => page.getByRole('button', { name: 'Sign out' }).click()),
      ];
      const holdsTab = () =>
        page.evaluate("!dispatchEvent(new Event('beforeunload', { cancelable: true }))");
      const held = await holdsTab();
      const kept = await page.getByRole('textbox', { name: 'Steps' }).inputValue();
      await page.evaluate('history.back()');
      await asked.waitFor();
      const accessible = await seriousAccessibility(page);
      await asked.getByRole('button', { name: 'Leave' }).click();
      await page.getByRole('heading', { name: 'Mappings' }).waitFor();

      expect(stayed).toEqual([at, at, at]);
      expect([held, kept, await holdsTab()]).toEqual([true, 'upper', false]);
      expect(accessible).toEqual([]);
    },
    UNHURRIED_MS,
  );
}
