import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, verb } from '../nouns.ts';
import { UsageError } from '../usage-error.ts';

interface Link {
  readonly accountConnection: string;
  readonly accountRef: string;
  readonly personRef: string;
  readonly method: string;
  readonly confidence: number;
  readonly decidedBy: string;
}

/** `people links`, `link` and `unlink`: who a login is held to be. */
export function registerLinks(people: Command, cli: Cli): void {
  listVerb<Link>(cli, people, {
    name: 'links',
    path: '/identity-links',
    description: 'List who each login is held to be, and by which rule or whose word',
    example: 'trueup people links --person person:hr/E10001',
    empty: 'No login is linked yet. Reconcile first: trueup recon run',
    filters: [
      {
        flags: '--connection <name>',
        description: 'logins of this connection',
        query: 'connection',
      },
      { flags: '--account <id>', description: 'this login', query: 'account' },
      { flags: '--person <key>', description: 'logins of this person', query: 'person' },
      {
        flags: '--method <method>',
        description: 'externalId, employeeNumber, verifiedEmail, alias or manual',
        query: 'method',
      },
    ],
    columns: [
      { title: 'LOGIN', value: (row) => `${row.accountConnection}/${row.accountRef}` },
      { title: 'PERSON', value: (row) => row.personRef },
      { title: 'BY', value: (row) => row.method },
      { title: 'CONFIDENCE', value: (row) => row.confidence },
      { title: 'DECIDED', value: (row) => row.decidedBy },
    ],
  });
  link(people, cli);
  unlink(people, cli);
}

function link(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'link <login>',
    'Say whose a login is (CONNECTION/ID), against every rule, until it is undone',
    'trueup people link crm/005… --person person:hr/E10001 --reason "married, new name"',
  )
    .option('--person <key>', 'the person, as "people links" names it')
    .option('--apart', 'nobody else’s: rules had taken two people for one')
    .requiredOption('--reason <text>', 'why; kept in the audit log');
  command.action(async (login: string) => {
    const { person, apart = false, reason } = command.opts<{ person?: string; apart?: boolean; reason: string }>(); // prettier-ignore
    if ((person === undefined) !== apart)
      throw new UsageError('Name the person with --person, or part the login with --apart.');
    const body = { ...placeOf(login), person: person ?? null, reason };
    const made = await (await cli.api(command)).post<Link>('/identity-links', body);
    cli.output(command).show(made, () => `${login} is ${made.personRef} from the next reconciliation on. Undo it: trueup people unlink ${login} --reason …`); // prettier-ignore
  });
}

function unlink(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'unlink <login>',
    'Take back what somebody said about a login (CONNECTION/ID): the rules decide again',
    'trueup people unlink crm/005… --reason "it was the other Ada"',
  ).requiredOption('--reason <text>', 'why; kept in the audit log');
  command.action(async (login: string) => {
    const { reason } = command.opts<{ reason: string }>();
    const body = { ...placeOf(login), reason };
    const was = await (await cli.api(command)).post<Link>('/identity-links:undo', body);
    cli.output(command).show(was, () => `${login} is ${was.personRef} by nobody’s word any more; the rules decide with the next reconciliation.`); // prettier-ignore
  });
}

function placeOf(login: string): { readonly connection: string; readonly account: string } {
  const at = login.indexOf('/');
  if (at < 1 || at === login.length - 1)
    throw new UsageError(`Name the login as CONNECTION/ID, not "${login}".`);
  return { connection: login.slice(0, at), account: login.slice(at + 1) };
}
