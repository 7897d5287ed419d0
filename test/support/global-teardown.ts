import { removeTestHome } from './test-home.ts';

/** Ends this run's database and removes its folder. */
export default async function globalTeardown(): Promise<void> {
  const home = process.env['TRUEUP_TEST_HOME'];
  if (home !== undefined) await removeTestHome(home);
}
