import { seededRandom, type Faults } from '../../../src/sdk/twin-kit/faults.ts';
import type { Mutations } from './mutations.ts';
import type { TwinState } from './state.ts';
import { vendorError, VendorRefusal } from './vendor-error.ts';

/** What both kinds of bulk jobs work with. */
export interface BulkDesk {
  readonly state: TwinState;
  readonly mutations: Mutations;
  readonly faults: Faults;
  readonly now: () => Date;
  nextJob(): number;
  /** How many rows a page of at most `most` really holds: now and then fewer. */
  pageRows(most: number): number;
}

/** One page in so many is shorter than asked for: the vendor promises no size. */
const SHORT_PAGE_RATE = 0.1;

export function createBulkDesk(
  deps: Pick<BulkDesk, 'state' | 'mutations' | 'faults' | 'now'> & { readonly seed: number },
): BulkDesk & { reset(): void } {
  const { seed, ...rest } = deps;
  let random = seededRandom(seed);
  let jobs = 0;
  return {
    ...rest,
    nextJob: () => (jobs += 1),
    pageRows: (most) =>
      random() < SHORT_PAGE_RATE ? Math.max(1, Math.floor(most * (0.5 + random() / 2))) : most,
    reset: () => {
      random = seededRandom(seed);
      jobs = 0;
    },
  };
}

export function gone(): VendorRefusal {
  return new VendorRefusal(404, vendorError('NOT_FOUND', 'The requested resource does not exist'));
}

export function invalidState(state: string): VendorRefusal {
  return new VendorRefusal(
    400,
    vendorError('INVALIDJOBSTATE', `Unable to perform this operation on a job in state ${state}`),
  );
}
