import { registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';

// One process of the simulator: it lives through the seeds that it is sent, one after the other.

const repository = pathToFileURL(`${resolve(import.meta.dirname, '../..')}/`).href;
const timers = pathToFileURL(join(import.meta.dirname, 'virtual-timers.ts')).href;
const STORE = 'src/db/';
const OURS = ['src/', 'connectors/'];

// Whatever waits in the program waits by the virtual clock; the store and the simulator wait in earnest.
registerHooks({
  resolve: (specifier, context, next) => {
    const from = context.parentURL ?? '';
    const isIn = (folder: string): boolean => from.startsWith(`${repository}${folder}`);
    return specifier === 'node:timers/promises' && OURS.some(isIn) && !isIn(STORE)
      ? { url: timers, shortCircuit: true }
      : next(specifier, context);
  },
});
const { openHosts } = await import('./host.ts');
const { runSeed } = await import('./run-seed.ts');

const Order = z.object({
  seed: z.number().int().nullable(),
  vendor: z.string().nullable(),
  part: z.enum(['reading', 'writing']).nullable(),
});

const hosts = await openHosts();
/** A seed that cannot even begin has failed like any other. */
async function live(seed: number, only: Omit<z.infer<typeof Order>, 'seed'>) {
  try {
    return await runSeed(await hosts.next(), seed, only);
  } catch (error) {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed, problems: [said], hash: '', counts: {}, trace: [] };
  }
}
process.on('message', (message) => {
  const { seed, ...only } = Order.parse(message);
  if (seed === null) void hosts.close().then(() => process.disconnect());
  else void live(seed, only).then((result) => process.send?.(result));
});
process.send?.('ready');
