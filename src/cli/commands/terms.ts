import type { Command } from 'commander';
import type { TermsQuestion } from '../../app/flows/evaluate-terms.ts';
import { ValidationError } from '../../kernel/errors.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { noun, verb } from '../nouns.ts';
import { readText } from '../read-text.ts';

const VERBS: Readonly<Record<TermsQuestion, string>> = {
  coterm: 'Compare the ways to end several lines on one day',
  prorate: 'Cut prices to the terms of their lines',
  renew: 'Dates, base, price and outcome of a renewal',
  uplift: 'Prices of the renewals that follow, between floor and cap',
  split: 'Share an amount out so that the shares give it again',
  price: 'The price of quantities by the tiers of a contract',
  trueup: "What a contract's true-up comes to",
  kpis: 'Renewal rates, retention and forecast errors',
};

/** `terms`: the arithmetic of contracts on one document; needs no server and no store. */
export function register(program: Command, cli: Cli): void {
  const terms = noun(
    program,
    'terms',
    'The arithmetic of contracts, on one document; needs no server',
    'trueup terms coterm docs/scenarios/terms/co-terminate.json',
  );
  for (const [question, description] of Object.entries(VERBS))
    registerQuestion(terms, cli, question as TermsQuestion, description);
}

function registerQuestion(
  parent: Command,
  cli: Cli,
  question: TermsQuestion,
  description: string,
): void {
  // prettier-ignore
  const command = verb(
    parent,
    `${question} <file>`,
    `${description} ("-" reads standard input)`,
    `trueup terms ${question} terms.json`,
  );
  command.action(async (file: string) => {
    const text = await readText(file);
    const { evaluateTermsDocument } = await import('../../app/flows/evaluate-terms.ts');
    try {
      const answer = evaluateTermsDocument(text, question);
      cli.output(command).show(answer, () => answer.steps.join('\n'));
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      tellProblems(cli, command, error);
    }
  });
}

/** Problems as data with `--json`, else as one line each. Exit 6. */
function tellProblems(cli: Cli, command: Command, error: ValidationError): void {
  const { problems } = error.details;
  // Without a list it is not the document that does not fit, and the program tells it as any other error.
  if (!Array.isArray(problems)) throw error;
  process.exitCode = EXIT.invalid;
  const isJson = command.optsWithGlobals<{ json?: boolean }>().json === true;
  if (isJson) cli.output(command).show({ problems }, () => '');
  else cli.output(command).message(`trueup: ${error.message}`);
}
