import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb } from '../nouns.ts';
import { tableText, type Column } from '../output.ts';

interface Row {
  readonly ownerRef: string;
  readonly ownerName: string | null;
  readonly skuCode: string;
  readonly contract: string | null;
  readonly order: string | null;
  readonly invoice: string | null;
  readonly owned: string | null;
  readonly seats: string | null;
  readonly used: string | null;
  readonly differences: readonly {
    readonly class: string;
    readonly cause: string;
    readonly owner: string;
    readonly money: { readonly amount: string; readonly currency: string } | null;
  }[];
}

const said = (figure: string | null): string => figure ?? '-';

const COLUMNS: readonly Column<Row>[] = [
  { title: 'OWNER', value: (row) => row.ownerName ?? row.ownerRef },
  { title: 'SKU', value: (row) => row.skuCode },
  { title: 'CONTRACT', value: (row) => said(row.contract) },
  { title: 'ORDER', value: (row) => said(row.order) },
  { title: 'INVOICE', value: (row) => said(row.invoice) },
  { title: 'OWNED', value: (row) => said(row.owned) },
  { title: 'SEATS', value: (row) => said(row.seats) },
  { title: 'USED', value: (row) => said(row.used) },
  { title: 'DIFFERENCES', value: (row) => row.differences.map(wordsOf).join('; ') },
];

function wordsOf({ cause, owner, money }: Row['differences'][number]): string {
  const amount = money === null ? '' : `, ${money.amount} ${money.currency}`;
  return `${cause.replaceAll('_', ' ')} (${owner}${amount})`;
}

/** `recon variance`: contract, order and invoice, seats and telemetry side by side. */
export function registerVariance(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'variance [id]',
    'Contract, order and invoice, rights, seats and use side by side; - where no source speaks',
    'trueup recon variance --owner 001… --all',
  )
    .option('--owner <id>', 'only of this customer')
    .option('--sku <code>', 'only of this part number')
    .option('--posture <posture>', 'licensor or licensee')
    .option('--all', 'rows without a difference, too');
  command.action(async (id: string | undefined) => {
    const { all, ...filter } = command.opts<{ all?: boolean; owner?: string; sku?: string }>();
    const path = `/reconciliations/${encodeURIComponent(id ?? 'latest')}/variances`;
    const query = { ...filter, ...(all === true ? {} : { differing: 'true' }) };
    const api = await cli.api(command);
    const variances = await api.get<{ readonly rows: readonly Row[] }>(path, query);
    cli
      .output(command)
      .show(variances, () =>
        variances.rows.length === 0 ? 'No differences.' : tableText(variances.rows, COLUMNS),
      );
  });
}
