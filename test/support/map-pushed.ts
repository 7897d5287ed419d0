import { mapPage } from '../../src/app/flows/map-page.ts';
import { unmappedPages } from '../../src/intake/unfinished.ts';
import type { TestApi } from './api.ts';

/** Maps every landed page that waits, as a worker would, until none does. */
export async function mapPushed(api: TestApi, tenantId = 'acme'): Promise<void> {
  const context = { tenantId, signal: new AbortController().signal, hold: async () => undefined };
  for (;;) {
    const pages = await api.deps.store.readTenant(tenantId, (tx) => unmappedPages(tx, -60));
    if (pages.length === 0) return;
    for (const page of pages) await mapPage(api.deps, context, page);
  }
}
