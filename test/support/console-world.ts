import { rm } from 'node:fs/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { consolePages } from '../../src/http/console-pages.ts';
import type { Role } from '../../src/security/permissions.ts';
import { buildConsole, openBrowser } from './browser.ts';
import { serveCompany, type ServedCompany } from './served-company.ts';

/** The console in a browser over the sample company. */
export interface ConsoleWorld {
  readonly company: ServedCompany;
  /** What pages did against their own policy, and what broke in them. */
  readonly complaints: readonly string[];
  /** A page of its own, as another person's browser: sessions are not shared. */
  newPage(): Promise<Page>;
  /** Another person in a browser of their own, at the list of mappings. */
  person(name: string, roles: readonly Role[]): Promise<Person>;
  signIn(at: Page, name: string, roles: readonly Role[]): Promise<Person>;
  stop(): Promise<void>;
}

export interface Person {
  readonly page: Page;
  readonly id: string;
  /** Calls the API as this person, and fails where it is refused. */
  readonly call: (
    method: string,
    path: string,
    body?: object,
    etag?: string | null,
  ) => Promise<Sent>;
}

export interface Sent {
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at answers of every shape
  readonly body: any;
  readonly etag: string | null;
}

/** Builds the console, serves it and opens a browser. */
export async function openConsole(): Promise<ConsoleWorld> {
  const folder = buildConsole();
  const company = await serveCompany(consolePages(folder));
  const browser: Browser = await openBrowser();
  const complaints: string[] = [];

  async function newPage(): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1400, height: 1000 } });
    const opened = await context.newPage();
    opened.setDefaultTimeout(15_000);
    opened.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) complaints.push(message.text());
    });
    opened.on('pageerror', (error) => complaints.push(error.message));
    return opened;
  }

  async function signIn(page: Page, name: string, roles: readonly Role[]): Promise<Person> {
    const { id, key } = await company.api.person(company.harness.caller.tenantId, roles, name);
    await page.goto(`${company.api.url}/`);
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText(`${name} · `).waitFor();
    return { page, id, call: callAs(company, key) };
  }

  return {
    company,
    complaints,
    newPage,
    signIn,
    person: async (name, roles) => signIn(await newPage(), name, roles),
    stop: async () => {
      await browser.close();
      await company.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function callAs({ api }: ServedCompany, key: string): Person['call'] {
  return async (method, path, body, etag) => {
    const headers: Record<string, string> = {};
    if (etag === null) headers['if-none-match'] = '*';
    else if (etag !== undefined) headers['if-match'] = etag;
    const answer = await api.call(method, `/api/v1${path}`, { key, headers, body });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
    return { body: answer.body, etag: answer.headers.get('etag') };
  };
}

/** Opens a mapping from the list, and one of its tabs. */
export async function openMapping(page: Page, id: string, tab = 'Fields'): Promise<void> {
  await page.getByRole('link', { name: id, exact: true }).click();
  await page.getByRole('tab', { name: tab }).click();
}

/** Presses Tab until the keyboard is there. Throws where it never comes. */
export async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.waitFor();
  for (let presses = 0; presses < 200; presses += 1) {
    if (await wanted.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('The keyboard never comes there.');
}

/** Clicks and counts. */
export function clickCounter() {
  let clicks = 0;
  return {
    click: async (wanted: Locator) => {
      await wanted.click();
      clicks += 1;
    },
    count: () => clicks,
  };
}
