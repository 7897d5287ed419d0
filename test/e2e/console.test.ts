import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { chromiumPath, seriousAccessibility } from '../support/browser.ts';
import { goalCases } from '../support/console-goal-cases.ts';
import { listCases } from '../support/console-list-cases.ts';
import { reviewCases } from '../support/console-review-cases.ts';
import { trialCases } from '../support/console-trial-cases.ts';
import {
  openConsole,
  openMapping as openOne,
  type ConsoleWorld,
} from '../support/console-world.ts';
import type { ServedCompany } from '../support/served-company.ts';

const inBrowser = chromiumPath() === null ? describe.skip : describe;
const LINE = 'salesforce.opportunity-line';

/** Each of the later tests goes on where the one before it ended. */
inBrowser('the console in a browser (not run where no Chromium is)', () => {
  let world: ConsoleWorld;
  let company: ServedCompany;
  let page: Page;

  beforeAll(async () => {
    world = await openConsole();
    company = world.company;
    page = await world.newPage();
  }, 240_000);
  afterAll(() => world?.stop());

  const newPage = () => world.newPage();
  const signIn: ConsoleWorld['signIn'] = (at, name, roles) => world.signIn(at, name, roles);
  const openMapping = (at: Page) => openOne(at, LINE);
  const held = async () => (await company.get(`/mappings/${LINE}`)).body;

  test('a key that is not known is refused in words, and one that works signs in', async () => {
    await page.goto(`${company.api.url}/`);
    await page.getByLabel('API key').fill('tru_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    const refused = await seriousAccessibility(page);

    await signIn(page, 'Edda', ['editor']);

    expect(refused).toEqual([]);
    expect(page.url()).toBe(`${company.api.url}/mappings`);
  });

  test('the list shows every mapping with its state, and finds one by a word of it', async () => {
    const { data } = (await company.get('/mappings?limit=200')).body;
    await page.getByRole('link', { name: LINE, exact: true }).waitFor();
    const shown = await page.locator('tbody tr').count();

    await page.getByLabel('Find a mapping').fill('opportunity-line');
    await expect(page.locator('tbody tr').count()).resolves.toBe(1);

    expect(shown).toBe(data.length);
    expect(await page.getByText('✓ works').count()).toBe(1);
    expect(await seriousAccessibility(page)).toEqual([]);
  });

  test('a row that is edited shows at once what records become, and nothing is saved by looking', async () => {
    await openMapping(page);
    await page.getByRole('button', { name: 'lineNumber' }).click();
    await page.getByRole('combobox', { name: 'Kind' }).click();
    await page.getByRole('option', { name: 'Expression' }).click();
    await page.getByRole('textbox', { name: 'Expression' }).fill('int(src.SortOrder) + 100');
    const preview = page.getByRole('region', { name: 'Preview' });
    const line = preview.getByRole('row', { name: /^lineNumber/ });
    await line.getByText('differs').waitFor();

    const cells = await line.getByRole('cell').allTextContents();

    expect(Number(cells[1])).toBe(Number(cells[2]) + 100);
    expect((await held()).draft).toBeNull();
    expect(await seriousAccessibility(page)).toEqual([]);
  });

  test('an expression that does not fit is told beside it, with its place, and cannot be saved', async () => {
    await page.getByRole('textbox', { name: 'Expression' }).fill('int(src.SortOrder');
    await page.getByText('These rows do not fit yet').waitFor();
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.getByRole('alert').filter({ hasText: 'Nothing was saved' }).waitFor();

    const told = await page.getByRole('alert').filter({ hasText: 'Nothing was saved' }).innerText();

    expect(told).toContain('/fields/lineNumber');
    expect((await held()).draft).toBeNull();
  });

  test('saved, the draft is told of in words, and what somebody else saved meanwhile is not overwritten', async () => {
    await page.getByRole('textbox', { name: 'Expression' }).fill('int(src.SortOrder) + 100');
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.getByText('No unsaved changes').waitFor();
    const saved = (await held()).draft;
    const other = await newPage();
    await signIn(other, 'Otto', ['editor']);
    await openMapping(other);
    await other.getByRole('button', { name: 'lineNumber' }).click();
    await page.getByRole('textbox', { name: 'Expression' }).fill('int(src.SortOrder) + 200');
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.getByText('No unsaved changes').waitFor();

    await other.getByRole('textbox', { name: 'Expression' }).fill('int(src.SortOrder) + 300');
    await other.getByRole('button', { name: 'Save draft' }).click();
    const clash = other.getByRole('alert').filter({ hasText: 'Somebody changed this meanwhile' });
    await clash.waitFor();
    const told = await clash.innerText();
    const goOn = clash.getByRole('button', { name: 'Go on with this' });
    const undecided = await goOn.isDisabled();
    const clashing = await seriousAccessibility(other);
    await page.getByRole('tab', { name: 'Review and publish' }).click();
    const changes = page.getByRole('region', { name: 'What changes' });
    const change = await changes.getByRole('listitem').innerText();

    const second = (await held()).draft;
    await clash.getByRole('radiogroup').getByLabel('Keep mine').check();
    await goOn.click();
    await other.getByRole('button', { name: 'Save draft' }).click();
    await other.getByText('No unsaved changes').waitFor();

    expect(saved).toMatchObject({ revision: 1, state: 'open' });
    expect(second).toMatchObject({ revision: 2 });
    expect(change).toContain('lineNumber is now the expression int(src.SortOrder) + 200');
    for (const value of ['+ 100', '+ 200', '+ 300'])
      expect(told).toContain(`"expr":"int(src.SortOrder) ${value}"`);
    expect(undecided).toBe(true);
    expect((await held()).draft).toMatchObject({ revision: 3 });
    expect([...clashing, ...(await seriousAccessibility(page))]).toEqual([]);
  });

  test('a draft whose own tests fail is not submitted: it says which, and is thrown away or mended', async () => {
    await page.reload();
    await page.getByRole('tab', { name: 'Review and publish' }).click();
    await page.getByLabel('Why').fill('Lines are counted from 300');
    await page.getByRole('button', { name: 'Submit for approval' }).click();
    const told = await page.getByRole('alert').innerText();
    await page.getByRole('button', { name: 'Throw the draft away' }).click();
    const asked = page.getByRole('dialog', { name: 'Throw the draft away?' });
    await asked.waitFor();
    const kept = (await held()).draft;
    await asked.getByRole('button', { name: 'Throw it away' }).click();
    await page.getByText('No draft is open').waitFor();

    expect(told).toContain('the inclusive last day becomes the first day after');
    expect(kept).toMatchObject({ state: 'open' });
    expect((await held()).draft).toBeNull();
  });

  test('who wrote it submits it and cannot approve it; another person approves and publishes', async () => {
    await page.getByRole('tab', { name: 'Fields' }).click();
    await page.getByRole('button', { name: 'skuCode' }).click();
    await page.getByRole('textbox', { name: 'Steps' }).fill('trim\nupper');
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.getByText('No unsaved changes').waitFor();
    await page.getByRole('tab', { name: 'Review and publish' }).click();
    await page.getByLabel('Why').fill('Part numbers are capitals');
    await page.getByRole('button', { name: 'Submit for approval' }).click();
    await page.getByText('Waiting for approval by somebody else').waitFor();
    const offered = await page.getByRole('button', { name: 'Approve' }).count();
    const approver = await newPage();
    await signIn(approver, 'Anna', ['approver']);
    await openMapping(approver);
    await approver.getByRole('tab', { name: 'Review and publish' }).click();

    await approver.getByRole('button', { name: 'Approve' }).click();
    await approver.getByRole('button', { name: 'Publish now' }).click();
    await approver.getByText('No draft is open').waitFor();
    await approver.getByRole('tab', { name: 'Versions' }).click();
    await approver.getByText('2 (in effect)').waitFor();

    expect(offered).toBe(0);
    expect((await held()).live).toMatchObject({ version: 2, origin: 'published' });
    expect(await seriousAccessibility(approver)).toEqual([]);
  });

  test('a text that is being typed outlives a look at another tab, and is not saved over what came meanwhile', async () => {
    const typist = await newPage();
    await signIn(typist, 'Tara', ['editor']);
    await openMapping(typist);
    await typist.getByRole('tab', { name: 'YAML' }).click();
    const file = typist.getByLabel('Mapping file');
    const typed = `# mine\n${await file.inputValue()}`;
    await file.fill(typed);
    await typist.getByRole('tab', { name: 'Versions' }).click();
    await typist.getByRole('tab', { name: 'YAML' }).click();
    const found = await file.inputValue();
    const { key } = await company.api.person(company.harness.caller.tenantId, ['editor'], 'Olaf');
    const title = { op: 'set', key: 'title', value: 'Lines, as Olaf has them' };
    const headers = { 'if-none-match': '*' };
    const path = `/api/v1/mappings/${LINE}/draft`;
    await company.api.call('PATCH', path, { key, headers, body: { edits: [title] } });
    await typist.getByRole('tab', { name: 'Review and publish' }).click();
    await typist.getByRole('tab', { name: 'YAML' }).click();
    await typist.getByRole('button', { name: 'Save draft' }).click();
    await typist.getByText('Somebody changed this meanwhile').waitFor();

    const mine = await file.inputValue();
    const theirs = await typist.getByRole('textbox', { name: 'Theirs' }).inputValue();
    const accessible = await seriousAccessibility(typist);
    const first = (await held()).draft;
    await typist.getByRole('button', { name: 'Go on with mine over theirs' }).click();
    await typist.getByRole('button', { name: 'Save draft' }).click();
    await typist.getByRole('alert').waitFor({ state: 'detached' });
    await typist.getByText('It fits, and its tests pass.').waitFor();

    expect([found, mine]).toEqual([typed, typed]);
    expect(theirs).toContain('Lines, as Olaf has them');
    expect(first).toMatchObject({ revision: 1 });
    await expect(file.inputValue()).resolves.toMatch(/^# mine/);
    expect((await held()).draft).toMatchObject({ revision: 2 });
    expect(accessible).toEqual([]);
  });

  test('who approves a roll back sees what it changes, whatever the draft says', async () => {
    const editor = await newPage();
    await signIn(editor, 'Emil', ['editor']);
    await openMapping(editor);
    await editor.getByRole('tab', { name: 'Versions' }).click();
    await editor.getByRole('button', { name: 'Back to version 1' }).click();
    const asked = editor.getByRole('dialog', { name: 'Roll back to version 1' });
    await asked.getByLabel('Why').fill('As it was');
    await asked.getByRole('button', { name: 'Ask for it' }).click();
    await asked.waitFor({ state: 'hidden' });
    const approver = await newPage();
    await signIn(approver, 'Ada', ['approver']);
    await openMapping(approver);
    await approver.getByRole('tab', { name: 'Review and publish' }).click();
    const request = approver.getByRole('region', { name: 'Change request' });
    await request.getByRole('button', { name: 'Approve' }).waitFor();

    const shown = await request.innerText();

    expect(shown).toContain('Back to version 1: As it was');
    expect(shown).toContain('skuCode');
    expect(shown).not.toContain('Olaf');
    expect(await seriousAccessibility(approver)).toEqual([]);
  });

  reviewCases(() => world);
  goalCases(() => world);
  trialCases(() => world);
  listCases(() => world);

  test('nothing that the pages did was against their own policy, and none of them broke', () => {
    expect(world.complaints).toEqual([]);
  });
});
