import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { type RequestHandler, type Response } from 'express';
import { NotFoundError } from '../kernel/errors.ts';

/** Where `npm run console` puts what browsers get. */
const BUILT = join(import.meta.dirname, '../../build/console');

/** Addresses that the console understands. It is one page; the rest of the way is the browser's. */
const PAGES = [
  '/mappings',
  '/mappings/{*rest}',
  '/change-requests',
  '/change-requests/{*rest}',
  '/errors',
];

const A_YEAR_MS = 365 * 86_400_000;

/**
 * The console: its files, and its one page under every address that it knows. It holds no data and asks for no key;
 * what it shows comes from the API, with the key of who looks. The page allows scripts of this server alone, and styles
 * that carry the number that is drawn for each answer. Where nothing was built, a NotFoundError says how to build it.
 */
export function consolePages(folder: string = BUILT): RequestHandler {
  const router = express.Router({ caseSensitive: true, strict: true });
  router.use(
    '/console',
    express.static(folder, {
      index: false,
      redirect: false,
      dotfiles: 'ignore',
      immutable: true,
      maxAge: A_YEAR_MS,
    }),
  );
  router.get('/', (_request, response) => response.redirect('/mappings'));
  router.get(PAGES, async (_request, response) => sendPage(response, await pageIn(folder)));
  return router;
}

async function pageIn(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, 'index.html'), 'utf8');
  } catch (error) {
    throw new NotFoundError(
      'The console was not built on this machine. Run `npm run console`, then load the page again. The API and the command line work without it.',
      { cause: error },
    );
  }
}

function sendPage(response: Response, page: string): void {
  const nonce = randomBytes(16).toString('base64');
  response.set('content-security-policy', policyWith(nonce));
  response.set('cache-control', 'no-store');
  response.type('html').send(page.replace('%NONCE%', nonce));
}

function policyWith(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
