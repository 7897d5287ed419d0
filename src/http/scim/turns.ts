import { createSlots, type Slots } from '../../security/slots.ts';

/** Lets each company's requests take turns, so that one with many cannot take all of the store's connections. */
export interface Turns {
  /** Runs the work in its turn; null, and nothing is run, where too many of that company wait already. */
  run<T>(company: string, work: () => Promise<T>): Promise<{ readonly value: T } | null>;
}

interface Company {
  readonly slots: Slots;
  underWay: number;
}

/** `atOnce` pieces of work of a company at a time, and `waiting` more in order. */
export function createTurns(limit: { readonly atOnce: number; readonly waiting: number }): Turns {
  const companies = new Map<string, Company>();
  return {
    run: async (name, work) => {
      const company = companies.get(name) ?? { slots: createSlots(limit.atOnce), underWay: 0 };
      if (company.underWay >= limit.atOnce + limit.waiting) return null;
      companies.set(name, company);
      company.underWay += 1;
      try {
        return { value: await company.slots.run(work) };
      } finally {
        company.underWay -= 1;
        if (company.underWay === 0) companies.delete(name);
      }
    },
  };
}
