import { Option, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb } from '../nouns.ts';
import { UsageError } from '../usage-error.ts';

interface Rules {
  readonly secondPerson: boolean;
  readonly pending: { readonly id: string; readonly requestedBy: string } | null;
  readonly notice: string | null;
}

interface RulesOptions {
  readonly secondPerson?: 'on' | 'off';
  readonly confirm?: string;
  readonly decline?: string;
}

/** `mappings rules`: whether a second person has to approve what comes into effect. */
export function registerRules(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'rules',
    'Show or change how mappings come into effect',
    'trueup mappings rules --second-person off',
  )
    .addOption(
      new Option(
        '--second-person <wanted>',
        'whether somebody else has to approve; off waits for another administrator',
      ).choices(['on', 'off']),
    )
    .option('--confirm <request>', 'agree to what another administrator asked for')
    .option('--decline <request>', 'refuse it, or take your own back');
  command.action(async () => {
    const { secondPerson, confirm, decline } = command.opts<RulesOptions>();
    const given = [secondPerson, confirm, decline].filter((each) => each !== undefined);
    if (given.length > 1)
      throw new UsageError('Say one thing: --second-person, --confirm or --decline.');
    const api = await cli.api(command);
    const decided = confirm ?? decline;
    let rules: Rules;
    if (decided !== undefined)
      rules = await api.post<Rules>(
        `/mapping-rules/requests/${encodeURIComponent(decided)}:${confirm === undefined ? 'decline' : 'confirm'}`,
      );
    else {
      const { body, etag } = await api.tagged<Rules>('/mapping-rules');
      rules =
        secondPerson === undefined
          ? body
          : await api.change<Rules>('PUT', '/mapping-rules', etag, {
              secondPerson: secondPerson === 'on',
            });
    }
    cli.output(command).show(rules, () => rulesText(rules));
  });
}

function rulesText({ secondPerson, pending, notice }: Rules): string {
  return [
    secondPerson
      ? 'A second person approves every mapping before it comes into effect.'
      : 'One person alone can put mappings in effect.',
    ...(notice === null ? [] : [notice]),
    ...(pending === null
      ? []
      : [
          `${pending.requestedBy} asked to do without; another administrator: trueup mappings rules --confirm ${pending.id}`,
        ]),
  ].join('\n');
}
