import { Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { createOutput } from '../output.ts';
import { register } from './status.ts';

const NOTHING = { plans: 0, reviews: 0, heldRuns: 0, conflicts: 0, overdueConflicts: 0, mappingRequests: 0 }; // prettier-ignore

/** What `status` prints of a company in which only this waits. */
async function printed(waiting: Partial<typeof NOTHING>): Promise<string> {
  let text = '';
  const out = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  const status = {
    connections: [],
    changeListeners: [],
    intents: {},
    openErrors: 0,
    waitingWrites: 0,
    openIncidents: 0,
    openPeopleHolds: 0,
    waiting: { ...NOTHING, ...waiting },
    stuckWork: [],
    latestReconciliation: null,
  };
  const cli = {
    api: async () => ({ url: 'http://hub', get: async () => status }),
    output: () => createOutput({ out, err: out }, false),
  } as unknown as Cli;
  const program = new Command('trueup');
  register(program, cli);
  await program.parseAsync(['status'], { from: 'user' });
  return text;
}

test('says what waits for a word, with where to say it, and nothing of what does not wait', async () => {
  const quiet = await printed({});
  const busy = await printed({ plans: 2, heldRuns: 1, conflicts: 3, overdueConflicts: 1 });

  const added = busy.split('\n').filter((line) => !quiet.includes(line));
  expect(added).toEqual([
    'Plans        2 to approve: trueup plans list --status waiting',
    'Held runs    1 would change more than is allowed: trueup holds list --status open',
    'Conflicts    3 to decide, 1 of them overdue: trueup conflicts list --state open',
  ]);
});
