import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The Chromium of this machine, or null. */
export function chromiumPath(): string | null {
  for (const name of NAMES) {
    const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (found.status === 0) return found.stdout.trim();
  }
  return null;
}

/** A headless browser. As root, Chromium has no sandbox to offer. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error('No Chromium is on this machine.');
  const isRoot = process.getuid?.() === 0;
  return await chromium.launch({ executablePath, args: isRoot ? ['--no-sandbox'] : [] });
}

/** Builds the console as it stands in the tree, and returns the folder. */
export function buildConsole(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-console-'));
  const root = resolve(import.meta.dirname, '../..');
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const config = join(root, 'src/console/vite.config.ts');
  const args = [vite, 'build', '--logLevel', 'error', '--config', config, '--outDir', folder];
  const built = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: root });
  if (built.status !== 0) throw new Error(`The console does not build: ${built.stderr}`);
  return folder;
}

/** What axe finds on the page as it is now, serious and critical only: `rule: target`. */
export async function seriousAccessibility(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { axe: here } = globalThis as unknown as { axe: typeof axe };
    return (await here.run({ resultTypes: ['violations'] })).violations;
  });
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}
