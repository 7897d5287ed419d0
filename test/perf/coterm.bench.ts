import { readCoterm, CotermDocument } from '../../src/commerce/terms/documents/coterm-document.ts';
import { evaluateCoterm } from '../../src/commerce/terms/documents/evaluate-coterm.ts';
import { evaluateRenew } from '../../src/commerce/terms/documents/evaluate-renew.ts';
import { readRenew, RenewDocument } from '../../src/commerce/terms/documents/renew-document.ts';
import { addDays } from '../../src/kernel/dates.ts';
import { timed, type BenchRow } from './measure.ts';

/** Subscription lines, ten a customer: aligned to their latest end, and each customer's term renewed with an uplift. */
const LINES = 100_000;
const PER_CUSTOMER = 10;
const ROUNDS = 5;
const LEAST = 20_000;
const ON = '2026-03-02';

interface Customer {
  readonly coterm: CotermDocumentOf;
  readonly renew: RenewDocumentOf;
}
type CotermDocumentOf = Parameters<typeof readCoterm>[0];
type RenewDocumentOf = Parameters<typeof readRenew>[0];

/** The same customers in every run, checked against their schemas before the clock runs. */
function customers(): readonly Customer[] {
  return Array.from({ length: LINES / PER_CUSTOMER }, (_, customer) => {
    const lines = Array.from({ length: PER_CUSTOMER }, (_each, at) => {
      const seed = customer * PER_CUSTOMER + at;
      return {
        id: `line ${at}`,
        quantity: String(1 + (seed % 250)),
        unitPrice: `${10 + (seed % 190)}.${String(seed % 100).padStart(2, '0')}`,
        from: '2025-01-01',
        to: addDays(ON, 1 + ((seed * 37) % 700)),
      };
    });
    return {
      coterm: CotermDocument.parse({ what: 'coterm', currency: 'USD', on: ON, lines, alternatives: [{ align: 'latest' }] }), // prettier-ignore
      renew: RenewDocument.parse({
        what: 'renew',
        currency: 'USD',
        term: { from: '2025-04-01', endInclusive: '2026-03-31' },
        renewal: { noticeDays: 60 },
        segments: lines.map(({ id: sku, quantity, unitPrice }) => ({ sku, quantity, unitPrice })),
        uplift: { policy: { index: 'cpi', floorPct: '3', capPct: '5' }, indices: ['6.2'] },
      }),
    };
  });
}

/** Lines a second that are co-termed and renewed, the median of five rounds, from documents that were read to answers in words. */
export async function bench(): Promise<BenchRow> {
  const all = customers();
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    let lines = 0;
    const took = await timed(() => {
      for (const { coterm, renew } of all) {
        const [aligned] = evaluateCoterm(readCoterm(coterm)).alternatives;
        const { base, renewals } = evaluateRenew(readRenew(renew));
        if (renewals[0]?.amount === null) throw new Error('A renewal has no price.');
        lines += Math.min(aligned?.lines.length ?? 0, base.lines.length);
      }
      return Promise.resolve();
    });
    if (lines !== LINES) throw new Error(`${lines} lines were done, not ${LINES}.`);
    if (round > 0) rates.push((LINES * 1000) / took);
  }
  const ours = Math.round(rates.toSorted((a, b) => a - b)[Math.floor(rates.length / 2)] ?? 0);
  return { name: 'coterm', ours, floor: LEAST, unit: 'lines/s', goal: 1, atLeast: LEAST };
}
