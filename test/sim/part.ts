/** What a seed is about: what is read from a vendor, or what is written to one. */
export type Part = 'reading' | 'writing';

/** Odd seeds read, even ones write, unless one part alone is asked for. */
export const partOf = (seed: number, only: Part | null): Part =>
  only ?? (seed % 2 === 1 ? 'reading' : 'writing');
