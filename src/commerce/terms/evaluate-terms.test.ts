import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays } from '../../kernel/dates.ts';
import { ValidationError } from '../../kernel/errors.ts';
import { parseDecimal, type Rational } from '../../kernel/rational.ts';
import type { Coterm } from './documents/coterm-result.ts';
import type { Renewal } from './documents/renew-result.ts';
import type { TrueUp } from './documents/true-up-document.ts';
import { evaluateTerms, readTerms } from './evaluate-terms.ts';

/** The problems of a document as "pointer code", sorted; none if it is evaluated. */
function problemsOf(document: object): readonly string[] {
  try {
    evaluateTerms(readTerms(document));
    return [];
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const { problems } = error.details as {
      readonly problems: readonly { readonly pointer: string; readonly code: string }[];
    };
    return problems.map(({ pointer, code }) => `${pointer} ${code}`).toSorted();
  }
}

const year = { from: '2026-01-01', endInclusive: '2026-12-31' };
const seats = { quantity: '10', unitPrice: '120' };
const prorate = (line: object, over: object = {}) => ({ what: 'prorate', currency: 'USD', lines: [{ ...seats, ...year, ...line }], ...over }); // prettier-ignore
const coterm = (line: object, over: object = {}) => ({ what: 'coterm', currency: 'USD', on: '2026-06-01', lines: [{ id: 'a', ...seats, ...year, ...line }], ...over }); // prettier-ignore
const renew = (over: object) => ({ what: 'renew', currency: 'USD', term: year, segments: [seats], ...over }); // prettier-ignore
const price = (over: object, quantities = ['10']) => ({ what: 'price', currency: 'USD', quantities, price: { model: 'volume', tiers: [{ unitAmount: '1' }], ...over } }); // prettier-ignore
const trueUp = (over: object) => ({ what: 'trueup', currency: 'USD', policy: 'maximum_since_last', owned: '5', counts: [{ on: '2026-01-31', quantity: '7' }], price: { contract: '10' }, ...over }); // prettier-ignore

describe('what does not fit is told by its place and its rule, and nothing is guessed', () => {
  test.each([
    ['what fits', prorate({}), []],
    ['no such question', { what: 'guess' }, ['/what schema']],
    ['an end before its start', prorate({ endInclusive: '2025-12-30' }), ['/lines/0 end_before_start']],
    ['an end on the eve of its start', prorate({ endInclusive: '2025-12-31' }), ['/lines/0 end_before_start']],
    ['a term of one day, though, is one', prorate({ endInclusive: '2026-01-01' }), []],
    ['no end', prorate({ endInclusive: undefined }), ['/lines/0 no_end']],
    ['two ends', prorate({ to: '2027-01-01' }), ['/lines/0 two_ends']],
    ['a quantity of zero', prorate({ quantity: '0' }), ['/lines/0/quantity quantity_not_positive']],
    ['a negative quantity', prorate({ quantity: '-1' }), ['/lines/0/quantity quantity_not_positive']],
    ['a missing price is a question to a person', prorate({ unitPrice: undefined }), ['/lines/0/unitPrice price_missing']],
    ['a price of zero is one', prorate({ unitPrice: '0' }), []],
    ['an unknown currency', prorate({}, { currency: 'XXQ' }), ['/currency unknown_currency']],
    ['all problems at once', prorate({ quantity: '0', unitPrice: undefined }, { currency: 'XXQ' }), ['/currency unknown_currency', '/lines/0/quantity quantity_not_positive', '/lines/0/unitPrice price_missing']],
    ['a misspelt member', prorate({ unitprice: '1' }), ['/lines/0 schema']],
    ['a held line that ended before', coterm({ endInclusive: '2026-05-31' }), ['/lines/0 ended_before']],
    ['a held line without an end', coterm({ endInclusive: undefined }), ['/lines/0 no_end']],
    ['two lines of one name', coterm({}, { lines: [{ id: 'a', ...seats, ...year }, { id: 'a', ...seats, ...year }] }), ['/lines/1/id duplicate']],
    ['a chosen date that is not said', coterm({}, { alternatives: [{ align: 'date' }] }), ['/alternatives/0 missing']],
    ['a fiscal year without a calendar', coterm({}, { alternatives: [{ align: 'fiscal_year_end' }] }), ['/alternatives/0 missing']],
    ['steps of a ramp that overlap', renew({ segments: [{ ...seats, from: '2026-01-01', to: '2026-07-01' }, { ...seats, from: '2026-06-30', to: '2027-01-01' }] }), ['/segments/1 overlap']],
    ['steps of two part numbers may', renew({ segments: [{ ...seats, sku: 'A' }, { ...seats, sku: 'B' }] }), []],
    ['a gap in a ramp', renew({ segments: [{ ...seats, from: '2026-07-01', to: '2027-01-01' }, { ...seats, from: '2026-01-01', to: '2026-06-30' }] }), ['/segments/0 gap']],
    ['a step outside the term', renew({ segments: [{ ...seats, from: '2025-12-31', to: '2027-01-01' }] }), ['/segments/0 outside_term']],
    ['an add-on after the term', renew({ addOns: [{ ...seats, from: '2027-01-01' }] }), ['/addOns/0/from outside_term']],
    ['a renewal that precedes its base', renew({ signed: { on: '2026-05-01', from: '2026-01-01', lines: [seats] } }), ['/signed/from precedes_base']],
    ['a renewal over the rest of its base', renew({ signed: { on: '2026-05-01', from: '2026-12-31', lines: [seats] } }), ['/signed/from overlap']],
    ['which may supersede it', renew({ signed: { on: '2026-05-01', from: '2026-12-01', supersedes: true, lines: [seats] } }), []],
    ['a term with months and an end', renew({ term: { ...year, months: 12 } }), ['/term two_ends']],
    ['a zone that there is not', renew({ timeZone: 'Europe/Atlantis' }), ['/timeZone unknown_time_zone']],
    ['a floor above its cap', renew({ uplift: { policy: { index: 'cpi', floorPct: '6', capPct: '5' } } }), ['/uplift/policy/floorPct overlap']],
    ['an uplift without its base', { what: 'uplift', currency: 'USD', policy: { index: 'fixed', fixedPct: '3' } }, ['/base price_missing']],
    ['a fixed uplift without its figure', { what: 'uplift', currency: 'USD', base: '1', policy: { index: 'fixed' } }, ['/policy/fixedPct missing']],
    ['an index that is not given', { what: 'uplift', currency: 'USD', base: '1', policy: { index: 'cpi' } }, ['/indices missing']],
    ['a tier without its price', price({ tiers: [{ upTo: '10', unitAmount: '1' }, {}] }), ['/price/tiers/1/unitAmount price_missing']],
    ['tiers that do not rise', price({ tiers: [{ upTo: '10', unitAmount: '1' }, { upTo: '10', unitAmount: '2' }] }), ['/price/tiers/1/upTo tiers']],
    ['a tier after the last one', price({ tiers: [{ unitAmount: '1' }, { upTo: '10', unitAmount: '2' }] }), ['/price/tiers/1 tiers']],
    ['a quantity that no tier prices', price({ tiers: [{ upTo: '9', unitAmount: '1' }] }), ['/quantities/0 price_missing']],
    ['a package without a size', price({ model: 'package' }), ['/price/packageSize missing']],
    ['an overage without its base', price({ model: 'overage' }), ['/price/baseAmount price_missing', '/price/includedUnits missing']],
    ['nothing used of an overage is its base', price({ model: 'overage', baseAmount: '5', includedUnits: '1' }, ['0']), []],
    ['nothing bought of anything else', price({}, ['0']), ['/quantities/0 quantity_not_positive']],
    ['no count since the last true-up', trueUp({ since: '2026-02-01' }), ['/counts missing']],
    ['a shortfall without a price', trueUp({ price: {} }), ['/price price_missing']],
    ['nothing short needs none', trueUp({ owned: '7', price: {} }), []],
    ['a renewal that was lost and renewed', { what: 'kpis', cohort: [{ id: 'a', expiring: '1', renewed: '1', endInclusive: '2026-01-01', outcome: 'lost' }] }, ['/cohort/0/renewed quantity_not_positive']],
    ['a win without its day', { what: 'kpis', cohort: [{ id: 'a', expiring: '1', renewed: '1', endInclusive: '2026-01-01', outcome: 'won' }] }, ['/cohort/0/closedOn missing']],
    ['nothing to compute', { what: 'kpis' }, [' schema']],
    ['weights that say nothing', { what: 'split', currency: 'USD', amount: '1', by: { kind: 'weights', shares: [{ id: 'a', weight: '0' }] } }, ['/by/shares quantity_not_positive']],
  ])('%s', (_name, document, expected) => {
    expect(problemsOf(document)).toEqual(expected);
  }); // prettier-ignore
});

const cotermed = (document: object) => evaluateTerms(readTerms(document)) as Coterm;
const renewed = (document: object) => evaluateTerms(readTerms(document)) as Renewal;
const truedUp = (document: object) => evaluateTerms(readTerms(document)) as TrueUp;

describe('alternatives side by side', () => {
  const lines = [
    { id: 'a', quantity: '100', unitPrice: '120', from: '2025-07-01', endInclusive: '2026-06-30' },
    { id: 'b', quantity: '40', unitPrice: '60', newUnitPrice: '50', from: '2025-10-01', endInclusive: '2026-09-30' },
    { id: 'c', state: 'new', quantity: '25', unitPrice: '110', from: '2026-03-02', endInclusive: '2027-03-01' },
  ]; // prettier-ignore
  const calendar = { kind: 'gregorian_months', yearEndMonth: 3 };
  const document = { what: 'coterm', currency: 'EUR', on: '2026-03-02', lines };

  test('the usual ones are computed where none is named, each with its end and a sentence a line', () => {
    const { alternatives } = cotermed({ ...document, calendar });

    expect(alternatives.map(({ align, endInclusive }) => [align, endInclusive])).toEqual([
      ['earliest', '2026-06-30'],
      ['latest', '2027-03-01'],
      ['fiscal_year_end', '2026-03-31'],
      ['date_average', '2026-08-21'],
    ]);
    expect(alternatives.every((each) => each.lines.every(({ id, words }) => words.startsWith(id)))).toBe(true); // prettier-ignore
  });

  test('what is paid and not used is credited where a line is cut', () => {
    const { alternatives } = cotermed({ ...document, alternatives: [{ align: 'earliest' }] });

    expect(alternatives[0]).toMatchObject({ charges: '911.64', credits: '-604.93', net: '306.71' });
  });

  test('blend-and-extend credits the rest, charges the whole new term, and shows the price between', () => {
    const { alternatives } = cotermed({ ...document, alternatives: [{ align: 'blend_and_extend', endInclusive: '2027-03-01' }] }); // prettier-ignore

    // 40 × 60 × 213/365 = 1400.55; and 40 × 50 × 152/365 = 832.88 for the extension.
    expect(alternatives[0]?.lines[1]).toMatchObject({ action: 'blend', credit: '1400.55', charge: '2233.42', amount: '832.87', unitPrice: '55.8356164384' }); // prettier-ignore
    expect(alternatives[0]?.credits).toBe('-5378.63');
  });

  test('what cannot be done is said with its reason beside what can', () => {
    const open = [...lines, { id: 'd', state: 'new', quantity: '1', unitPrice: '1', from: '2026-07-15' }]; // prettier-ignore
    const { alternatives } = cotermed({ ...document, lines: open });

    expect(alternatives.map(({ unavailable }) => unavailable)).toEqual([
      'line d begins on 2026-07-15 only',
      null,
      'line d was bought for no term of its own: an average needs one',
    ]);
  });

  test('no alternative makes or loses money but by rounding a line', () => {
    const subscription = fc.record({
      quantity: fc.integer({ min: 1, max: 500 }).map(String),
      unitPrice: fc.integer({ min: 1, max: 99_999 }).map((each) => (each / 100).toFixed(2)),
      to: fc.integer({ min: 1, max: 1000 }).map((each) => addDays('2026-03-02', each)),
    });
    fc.assert(
      fc.property(fc.array(subscription, { minLength: 1, maxLength: 6 }), (bought) => {
        const own = bought.map((each, at) => ({ ...each, id: `l${at}`, from: '2025-01-01' }));
        const far = addDays('2026-03-02', 1200);
        const alternatives = [{ align: 'earliest' }, { align: 'latest' }, { align: 'date', to: far }, { align: 'blend_and_extend', to: far }]; // prettier-ignore

        for (const each of cotermed({ ...document, lines: own, alternatives }).alternatives) {
          const cents = (text: string): number => Number(text.replace('.', ''));
          const drift = cents(each.before) + cents(each.net) - cents(each.after);
          expect(each.unavailable).toBeNull();
          expect(Math.abs(cents(each.difference))).toBeLessThanOrEqual(own.length);
          expect(Math.abs(drift)).toBeLessThanOrEqual(own.length + 2);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('what becomes of a term', () => {
  const term = { from: '2025-04-01', endInclusive: '2026-03-31' };
  const segments = [{ quantity: '10', unitPrice: '100' }];

  test('G-55: notice is in time until midnight in the place of the contract', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo'].map((timeZone) => renewed(renew({ term, renewal: { noticeDays: 60 }, timeZone })).term.noticeClosesAt); // prettier-ignore

    expect(zones).toEqual(['2026-01-30T23:00:00.000Z', '2026-01-31T05:00:00.000Z', '2026-01-30T15:00:00.000Z']); // prettier-ignore
  });

  test('an evergreen term ends with the first period whose notice is not missed', () => {
    const renewal = { kind: 'evergreen', months: 1, noticeDays: 30, noticeGivenOn: '2026-05-05' };
    const answer = renewed(renew({ term, segments, renewal }));

    expect([answer.outcome, answer.endsOn, answer.renewals.length]).toEqual(['notice_was_late', '2026-06-30', 3]); // prettier-ignore
  });

  test('a term that nothing renews lapses, and is owned no longer', () => {
    const answer = renewed(renew({ term, segments, renewal: { kind: 'manual' }, ownedAt: ['2026-03-31', '2026-04-01'] })); // prettier-ignore

    expect([answer.outcome, answer.endsOn, answer.owned.map(({ quantity }) => quantity)]).toEqual(['lapses', '2026-03-31', ['10', '0']]); // prettier-ignore
  });

  test('a price whose index is not published yet is not known', () => {
    const uplift = { policy: { index: 'cpi' }, indices: ['2'] };
    const answer = renewed(renew({ term, segments, renewal: { times: 2 }, uplift }));

    expect(answer.renewals.map(({ amount }) => amount)).toEqual(['1020.00', null]);
  });

  test('a simple uplift is of the first price each time', () => {
    const uplift = { policy: { index: 'fixed', fixedPct: '10', compounding: false } };
    const answer = renewed(renew({ term, segments, renewal: { times: 2 }, uplift }));

    expect(answer.renewals.map(({ amount }) => amount)).toEqual(['1100.00', '1200.00']);
  });

  test('a renewal that was signed late leaves a gap, and says so', () => {
    const signed = { on: '2026-04-10', from: '2026-04-11', lines: segments };
    const answer = renewed(
      renew({ term, segments, signed, ownedAt: ['2026-04-05', '2026-04-11'] }),
    );

    expect(answer.signed).toMatchObject({ early: false, onTime: false, daysLate: 10, gapDays: 10 });
    expect(answer.owned.map(({ quantity }) => quantity)).toEqual(['0', '10']);
  });
});

describe('true-up and true-down', () => {
  test('an average is bought in whole rights', () => {
    const counts = ['100', '112', '131', '118'].map((quantity, at) => ({ on: `2026-0${at + 1}-28`, quantity })); // prettier-ignore

    expect(truedUp(trueUp({ policy: 'average', owned: '100', counts }))).toMatchObject({ measured: '115.25', shortfall: '16', trueUpAmount: '160.00' }); // prettier-ignore
  });

  test('the price of the contract goes before an override, an average and the list', () => {
    const lots = [{ quantity: '1', unitPrice: '3' }];
    const prices = [{ contract: '1', override: '2', lots, list: '4' }, { override: '2', lots, list: '4' }, { lots, list: '4' }, { list: '4' }]; // prettier-ignore

    expect(prices.map((each) => truedUp(trueUp({ price: each })).unitPrice)).toEqual(['1', '2', '3', '4']); // prettier-ignore
  });

  test('what is given back stops at the committed least', () => {
    const down = { owned: '100', counts: [{ on: '2026-01-31', quantity: '60' }], price: { contract: '12' } }; // prettier-ignore
    const left = { from: '2026-07-01', to: '2027-01-01' };

    expect(truedUp(trueUp({ ...down, left, trueDown: { minimum: '80' } })).trueDown).toEqual({ quantity: '20', amount: '120.00' }); // prettier-ignore
    expect(truedUp(trueUp(down))).toMatchObject({ surplus: '40', trueDown: null });
  });
});

test('months and fiscal periods of a term give its amount again, whatever the term', () => {
  const calendar = { kind: '445', yearEndMonth: 1 };
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 900 }),
      fc.integer({ min: 1, max: 900 }),
      fc.constantFrom('months', 'fiscal_periods'),
      fc.constantFrom('days', 'equally'),
      (offset, length, kind, weigh) => {
        const from = addDays('2025-01-31', offset);
        const by = { kind, from, to: addDays(from, length), weigh, ...(kind === 'months' ? {} : { calendar }) }; // prettier-ignore

        const answer = evaluateTerms(readTerms({ what: 'split', currency: 'USD', amount: '1234.56', by })); // prettier-ignore

        if (answer.what !== 'split') throw new Error('another answer');
        const total = answer.shares.map(({ amount }) => parseDecimal(amount)).reduce((sum: bigint, each: Rational) => sum + (each.num * 100n) / each.den, 0n); // prettier-ignore
        expect([total, answer.sum]).toEqual([123_456n, '1234.56']);
        expect([answer.shares[0]?.from, answer.shares.at(-1)?.to]).toEqual([from, by.to]);
      },
    ),
    { numRuns: 60 },
  );
});
