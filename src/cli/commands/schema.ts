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
}
