import { generateCompany, type RehearsalDeal } from '../../sample/company.ts';

/** What a rehearsal with the sample company needs: its day, its files and the deals to play. */
export interface SampleStory {
  readonly seed: number;
  readonly today: string;
  readonly files: Readonly<Record<string, string>>;
  readonly toClose: RehearsalDeal;
  readonly toReopen: RehearsalDeal;
}

/** The sample company of a seed, as far as a person who rehearses with it knows it; what was planted stays with the twins. */
export function sampleStory(seed: number): SampleStory {
  const { today, files, deals } = generateCompany(seed);
  return { seed, today, files, ...deals };
}
