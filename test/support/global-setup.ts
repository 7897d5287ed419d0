import { makeTestHome, removeAbandonedHomes } from './test-home.ts';

/** Names the folder of this run's database. The database starts with the first test that asks for it. */
export default async function globalSetup(): Promise<void> {
  await removeAbandonedHomes();
  process.env['TRUEUP_TEST_HOME'] = await makeTestHome();
}
