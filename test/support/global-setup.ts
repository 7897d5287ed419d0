import { makeTestHome, removeAbandonedHomes } from './test-home.ts';

/**
 * Names the folder of this run's database. The database starts with the first test that asks for it. A run inside another
 * one (TRUEUP_TEST_HOME_OF_RUN) uses the folder of that one: its tests have databases of their own there.
 */
export default async function globalSetup(): Promise<void> {
  const outer = process.env['TRUEUP_TEST_HOME_OF_RUN'];
  if (outer === undefined) await removeAbandonedHomes();
  process.env['TRUEUP_TEST_HOME'] = outer ?? (await makeTestHome());
}
