import * as z from 'zod';
import { CotermDocument, readCoterm } from './documents/coterm-document.ts';
import type { Coterm } from './documents/coterm-result.ts';
import { evaluateCoterm } from './documents/evaluate-coterm.ts';
import { evaluateRenew } from './documents/evaluate-renew.ts';
import { evaluateKpis, KpisDocument, type Kpis } from './documents/kpis-document.ts';
import { evaluatePrice, PriceDocument, type Priced } from './documents/price-document.ts';
import { evaluateProrate, ProrateDocument, type Prorated } from './documents/prorate-document.ts';
import { readRenew, RenewDocument } from './documents/renew-document.ts';
import type { Renewal } from './documents/renew-result.ts';
import { evaluateSplit, SplitDocument, type Split } from './documents/split-document.ts';
import { evaluateTrueUp, TrueUpDocument, type TrueUp } from './documents/true-up-document.ts';
import { evaluateUplift, UpliftDocument, type Uplifted } from './documents/uplift-document.ts';
import { refusal, type TermsProblem } from './problems.ts';

/** One question about terms and money in one document; `what` tells which. */
export const TermsDocument = z.discriminatedUnion('what', [
  CotermDocument,
  ProrateDocument,
  RenewDocument,
  UpliftDocument,
  SplitDocument,
  PriceDocument,
  TrueUpDocument,
  KpisDocument,
]);
export type TermsDocument = z.output<typeof TermsDocument>;
export type TermsQuestion = TermsDocument['what'];

export type TermsAnswer = Coterm | Prorated | Renewal | Uplifted | Split | Priced | TrueUp | Kpis;

/** Reads a document. Throws ValidationError, with each place that does not fit, for one that is none. */
export function readTerms(value: unknown): TermsDocument {
  const parsed = TermsDocument.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refusal(
    parsed.error.issues.map(({ path, message }): TermsProblem => {
      const pointer = path.length === 0 ? '' : `/${path.join('/')}`;
      return { pointer, code: 'schema', message };
    }),
  );
}

/** What a document comes to: pure, exact, and the same each time. Throws ValidationError with its problems. */
export function evaluateTerms(document: TermsDocument): TermsAnswer {
  switch (document.what) {
    case 'coterm':
      return evaluateCoterm(readCoterm(document));
    case 'prorate':
      return evaluateProrate(document);
    case 'renew':
      return evaluateRenew(readRenew(document));
    case 'uplift':
      return evaluateUplift(document);
    case 'split':
      return evaluateSplit(document);
    case 'price':
      return evaluatePrice(document);
    case 'trueup':
      return evaluateTrueUp(document);
    case 'kpis':
      return evaluateKpis(document);
  }
}
