import { removeTestHome } from './test-home.ts';

/** Ends this run's database and removes its folder, unless they are those of the run around it. */
export default async function globalTeardown(): Promise<void> {
  const home = process.env['TRUEUP_TEST_HOME'];
  if (home === undefined || home === process.env['TRUEUP_TEST_HOME_OF_RUN']) return;
  await removeTestHome(home);
}
