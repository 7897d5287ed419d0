import { describe, expect, test } from '@jest/globals';
import { scoreDrift, type Drift } from './score.ts';

const drift = (kind: string, id: string, sku: string | null = null): Drift => ({
  kind,
  subject: { type: 'Order', id },
  sku,
});

describe('the drift score', () => {
  test('a finding matches on kind, subject and SKU together', () => {
    const planted = [drift('sku_mismatch', '1', 'A'), drift('missing_in_crm', '2')];

    expect(scoreDrift(planted, planted)).toMatchObject({
      planted: 2,
      found: 2,
      recall: 1,
      precision: 1,
    });
    expect(
      scoreDrift(planted, [drift('sku_mismatch', '1', 'B'), drift('missing_in_erp', '2')]),
    ).toMatchObject({ matched: 0, recall: 0, precision: 0 });
  });

  test('what was not planted lowers precision, what was not found lowers recall', () => {
    const planted = [drift('missing_in_crm', '1'), drift('missing_in_crm', '2')];

    const score = scoreDrift(planted, [drift('missing_in_crm', '1'), drift('missing_in_crm', '9')]);

    expect(score).toMatchObject({
      recall: 0.5,
      precision: 0.5,
      missed: [drift('missing_in_crm', '2')],
      wrong: [drift('missing_in_crm', '9')],
    });
  });

  test('kinds that are looked for later count on neither side', () => {
    expect(scoreDrift([drift('price_leakage', '1')], [drift('dormant_seat', '2')])).toMatchObject({
      planted: 0,
      found: 0,
    });
  });
});
