import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, verb } from '../nouns.ts';

interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
}

/** `tenants`: companies whose data is kept apart. */
export function register(program: Command, cli: Cli): void {
  const tenants = noun(
    program,
    'tenants',
    'Companies whose data is kept apart',
    'trueup tenants list',
  );
  listVerb<Tenant>(cli, tenants, {
    path: '/tenants',
    description: 'List companies',
    example: 'trueup tenants list',
    empty: 'No companies.',
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'NAME', value: (row) => row.name },
      { title: 'CREATED', value: (row) => row.createdAt },
    ],
  });
  const add = verb(
    tenants,
    'add <id>',
    'Add a company with a first administrator; the key is shown this once',
    'trueup tenants add acme --name "Acme GmbH" --admin "Ana Silva"',
  )
    .requiredOption('--name <name>', 'its name')
    .requiredOption('--admin <name>', 'the name of its first administrator');
  add.action(async (id: string) => {
    const { name, admin } = add.opts<{ name: string; admin: string }>();
    const made = await (
      await cli.api(add)
    ).post<Tenant & { readonly key: { readonly text: string } }>('/tenants', {
      id,
      name,
      admin: { name: admin },
    });
    // Shown before it is kept: a home that cannot be written must not cost the only copy.
    cli
      .output(add)
      .show(made, () => `Added ${id}. Its administrator's key, shown this once:\n${made.key.text}`);
    if (await cli.keepAdminKey(add, id, made.key.text))
      cli.output(add).message(`The home keeps it too: trueup --tenant ${id} status`);
  });
}
