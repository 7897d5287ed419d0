import * as z from 'zod';
import {
  evaluateTerms,
  readTerms,
  TermsDocument,
  type TermsAnswer,
  type TermsQuestion,
} from '../../commerce/terms/evaluate-terms.ts';
import { refusal } from '../../commerce/terms/problems.ts';

export type { TermsAnswer, TermsQuestion };

/**
 * What a document about terms comes to. No store is touched. Throws ValidationError, whose details list each problem with its
 * pointer and code, for a document that does not fit or that asks something else.
 */
export function evaluateTermsDocument(text: string, question: TermsQuestion): TermsAnswer {
  const document = readTerms(documentOf(text));
  if (document.what !== question)
    throw refusal([
      {
        pointer: '/what',
        code: 'another_document',
        message: `this document asks for "${document.what}", not "${question}": use trueup terms ${document.what}`,
      },
    ]);
  return evaluateTerms(document);
}

/** The JSON Schema of the documents; `what` tells them apart. */
export function termsSchema(): object {
  return z.toJSONSchema(TermsDocument, { io: 'input', reused: 'ref' });
}

function documentOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusal([{ pointer: '', code: 'not_json', message: 'this is not JSON' }]);
  }
}
