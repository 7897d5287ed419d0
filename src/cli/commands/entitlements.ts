import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { listVerb, noun, showVerb } from '../nouns.ts';

interface Entitlement {
  readonly externalRef: string;
  readonly posture: string;
  readonly ownerRef: string;
  readonly skuCode: string;
  readonly status: string;
  readonly rightsInForce: string;
}

/** `entitlements`: rights to use, with what is in force today. */
export function register(program: Command, cli: Cli): void {
  const entitlements = noun(
    program,
    'entitlements',
    'Rights to use, and what of them is in force',
    'trueup entitlements list --status active',
  );
  listVerb<Entitlement>(cli, entitlements, {
    path: '/entitlements',
    description: 'List entitlements with their rights in force today',
    example: 'trueup entitlements list --status draft',
    empty: 'No entitlements yet. They come from orders: pull the ERP.',
    filters: [
      { flags: '--status <status>', description: 'draft, active or reversed', query: 'status' },
      { flags: '--posture <posture>', description: 'licensor or licensee', query: 'posture' },
      { flags: '--owner <id>', description: 'only of this customer', query: 'owner' },
      { flags: '--deal <id>', description: 'only of this deal', query: 'deal' },
    ],
    columns: [
      { title: 'ENTITLEMENT', value: (row) => row.externalRef },
      { title: 'POSTURE', value: (row) => row.posture },
      { title: 'OWNER', value: (row) => row.ownerRef },
      { title: 'SKU', value: (row) => row.skuCode },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'RIGHTS', value: (row) => row.rightsInForce },
    ],
  });
  showVerb(cli, entitlements, {
    path: (id) => `/entitlements/${id}`,
    description: 'Show one entitlement with its transactions',
    example: 'trueup entitlements show ent:…',
  });
}
