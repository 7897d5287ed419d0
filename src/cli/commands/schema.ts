import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { noun, verb } from '../nouns.ts';

/** `schema`: the JSON Schemas of the documents that commands read. */
export function register(program: Command, cli: Cli): void {
  const schema = noun(program, 'schema', 'JSON Schemas of documents', 'trueup schema scenario');
  const scenario = verb(
    schema,
    'scenario',
    'The schema of what "recon evaluate" reads',
    'trueup schema scenario > scenario.schema.json',
  );
  scenario.action(async () => {
    const { scenarioSchema } = await import('../../app/flows/evaluate-scenario.ts');
    const document = scenarioSchema();
    cli.output(scenario).show(document, () => JSON.stringify(document, null, 2));
  });
  const ruleSet = verb(
    schema,
    'rule-set',
    'The schema of what "rules edit" reads',
    'trueup schema rule-set > rule-set.schema.json',
  );
  ruleSet.action(async () => {
    const { ruleSetSchema } = await import('../../app/flows/list-rule-sets.ts');
    const document = ruleSetSchema();
    cli.output(ruleSet).show(document, () => JSON.stringify(document, null, 2));
  });
  const terms = verb(
    schema,
    'terms',
    'The schema of what "terms coterm" and its like read; "what" tells them apart',
    'trueup schema terms > terms.schema.json',
  );
  terms.action(async () => {
    const { termsSchema } = await import('../../app/flows/evaluate-terms.ts');
    const document = termsSchema();
    cli.output(terms).show(document, () => JSON.stringify(document, null, 2));
  });
}
