import { registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';

// One process of the simulator: it lives through the seeds that it is sent, one after the other.

const repository = pathToFileURL(`${resolve(import.meta.dirname, '../..')}/`).href;
const timers = pathToFileURL(join(import.meta.dirname, 'virtual-timers.ts')).href;
const READING = ['src/app/', 'src/kernel/', 'connectors/'];

// Whatever waits in the reading engine waits by the virtual clock; the store and the simulator wait in earnest.
registerHooks({
  resolve: (specifier, context, next) => {
    const from = context.parentURL ?? '';
    const isReading = READING.some((folder) => from.startsWith(`${repository}${folder}`));
    return specifier === 'node:timers/promises' && isReading
      ? { url: timers, shortCircuit: true }
      : next(specifier, context);
  },
});
const { openHost } = await import('./host.ts');
const { runSeed } = await import('./run-seed.ts');

const Order = z.object({
  seed: z.number().int().nullable(),
  vendor: z.string().nullable(),
  part: z.enum(['reading', 'writing']).nullable(),
});

const host = await openHost();
/** A seed that cannot even begin has failed like any other. */
const live = (seed: number, only: Omit<z.infer<typeof Order>, 'seed'>) =>
  runSeed(host, seed, only).catch((error: unknown) => {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed, problems: [said], hash: '', counts: {}, trace: [] };
  });
process.on('message', (message) => {
  const { seed, ...only } = Order.parse(message);
  if (seed === null) void host.close().then(() => process.disconnect());
  else void live(seed, only).then((result) => process.send?.(result));
});
process.send?.('ready');
