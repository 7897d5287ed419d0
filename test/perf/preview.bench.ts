import { previewMapping } from '../../src/app/flows/preview-mapping.ts';
import type { BenchRow } from './measure.ts';
import { medianOf, shadowWorld } from './shadow-world.ts';

const GOAL_MS = 20;

/** Milliseconds of the preview of one record, from the text in the editor to the compared fields, store and all. */
export async function bench(): Promise<BenchRow> {
  const world = await shadowWorld(2_000);
  try {
    let typed = 0;
    const ours = await medianOf(200, async () => {
      // Each keystroke is another text, so nothing that was compiled before can be used again.
      typed += 1;
      const text = world.draft.replace('(draft)', `(draft ${typed})`);
      const input = { id: world.mapping, text, record: world.record, sample: 1 };
      const { records } = await previewMapping(world.deps, world.caller, input);
      if (records[0]?.items[0]?.fields.length === 0) throw new Error(JSON.stringify(records));
    });
    const sample = await medianOf(20, async () => {
      const input = { id: world.mapping, text: world.draft, sample: 100 };
      const { records } = await previewMapping(world.deps, world.caller, input);
      if (records.length !== 100) throw new Error('A record was lost.');
    });
    const details = { hundredRecordsMs: sample };
    return { name: 'preview', ours, floor: GOAL_MS, unit: 'ms', better: 'less', goal: 1, details };
  } finally {
    await world.close();
  }
}
