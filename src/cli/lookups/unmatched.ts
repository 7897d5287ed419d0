import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb, wholeNumber } from '../nouns.ts';
import { afterText, changeLookup, pathOf, type After } from './shapes.ts';

/** `lookups unmatched` and `lookups accept`. */
export function registerUnmatched(parent: Command, cli: Cli): void {
  registerList(parent, cli);
  registerAccept(parent, cli);
}

function registerList(parent: Command, cli: Cli): void {
  interface Unmatched {
    readonly key: string;
    readonly records: number;
    readonly money: readonly { readonly amount: string; readonly currency: string }[];
    readonly suggestions: readonly {
      readonly key: string;
      readonly score: number;
      readonly reason: string;
    }[];
  }
  const command = verb(
    parent,
    'unmatched <table>',
    'List keys that records ask for and the table lacks, with what they may mean',
    'trueup lookups unmatched sku-taxonomy',
  ).option('--limit <n>', 'rows at most; 0 for all', '100');
  command.action(async (name: string) => {
    const most = wholeNumber(command.opts<{ limit: string }>().limit, '--limit');
    const api = await cli.api(command);
    const rows = await api.list<Unmatched>(`${pathOf(name)}/unmatched`, {}, most === 0 ? undefined : most); // prettier-ignore
    cli.output(command).table(
      rows,
      [
        { title: 'KEY', value: (row) => row.key },
        { title: 'RECORDS', value: (row) => row.records },
        {
          title: 'AT STAKE',
          value: (row) =>
            row.money.map(({ amount, currency }) => `${amount} ${currency}`).join(', '),
        },
        { title: 'MAY BE', value: (row) => row.suggestions[0]?.key },
        { title: 'SCORE', value: (row) => row.suggestions[0]?.score },
        { title: 'WHY', value: (row) => row.suggestions[0]?.reason },
      ],
      `${name} has every key that records ask for.`,
    );
  });
}

function registerAccept(parent: Command, cli: Cli): void {
  const accept = verb(
    parent,
    'accept <table> <key> <like>',
    'Say that a key means one that the table has',
    'trueup lookups accept sku-taxonomy "CRM Pro" CRM-PRO',
  ).option('--note <text>', 'why', '');
  accept.action(async (name: string, key: string, like: string) => {
    const body = { accept: [{ key, like }], ...accept.opts<{ note: string }>() };
    const after = await changeLookup<After>(await cli.api(accept), name, 'accept', body);
    cli.output(accept).show(after, () => afterText(after));
  });
}
