import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb } from '../nouns.ts';
import { tableText } from '../output.ts';
import { versionPath } from './shapes.ts';

interface Moved {
  readonly before: string | null;
  readonly after: string | null;
  readonly difference: string | null;
}

/** What a version would do. */
export interface Shadow {
  readonly id: string;
  readonly version: string;
  readonly asOf: string;
  readonly compared: number;
  readonly moved: readonly {
    readonly ownerRef: string;
    readonly ownerName: string | null;
    readonly skuCode: string;
    readonly status: { readonly before: string | null; readonly after: string | null };
    readonly currency: string | null;
    readonly figures: Readonly<Record<'rightsRequired' | 'shortfall' | 'trueUpCost', Moved>>;
  }[];
  readonly money: readonly {
    readonly currency: string;
    readonly trueUpCost: Moved;
    readonly overLicensedAmount: Moved;
  }[];
}

/** `rules shadow`. */
export function registerShadow(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'shadow <set> <version>',
    'Try what a version would do to the positions, where nothing else changes',
    'trueup rules shadow oracle draft',
  ).option('--as-of <date>', 'the day whose positions are computed; today unless one is named');
  command.action(async (set: string, version: string) => {
    const { asOf } = command.opts<{ asOf?: string }>();
    const path = versionPath(set, version, ':shadow');
    const body = asOf === undefined ? {} : { asOf };
    const shadow = await (await cli.api(command)).post<Shadow>(path, body);
    cli.output(command).show(shadow, () => shadowText(shadow));
  });
}

const arrow = ({ before, after }: Pick<Moved, 'before' | 'after'>): string => `${before ?? 'unknown'} -> ${after ?? 'unknown'}`; // prettier-ignore

/** What moves, a position a line, and the money of all. */
export function shadowText({ id, version, asOf, compared, moved, money }: Shadow): string {
  const head = `Shadow run ${id} of version ${version} over ${asOf}: ${moved.length} of ${compared} positions move.`;
  const sums = money
    .filter(({ trueUpCost, overLicensedAmount }) => [trueUpCost, overLicensedAmount].some(({ before, after }) => before !== after))
    .flatMap(({ currency, trueUpCost, overLicensedAmount }) => [
      `True-up: ${arrow(trueUpCost)} ${currency} (${trueUpCost.difference ?? 'unknown'})`,
      `Over-licensed: ${arrow(overLicensedAmount)} ${currency} (${overLicensedAmount.difference ?? 'unknown'})`,
    ]); // prettier-ignore
  if (moved.length === 0) return head;
  const table = tableText(moved, [
    { title: 'SKU', value: (row) => row.skuCode },
    { title: 'OF', value: (row) => row.ownerName ?? row.ownerRef },
    { title: 'STATUS', value: (row) => arrow(row.status) },
    { title: 'REQUIRED', value: (row) => arrow(row.figures.rightsRequired) },
    { title: 'SHORT', value: (row) => arrow(row.figures.shortfall) },
    { title: 'TRUE-UP', value: (row) => `${arrow(row.figures.trueUpCost)} ${row.currency ?? ''}` },
  ]);
  return [head, table, ...sums].join('\n');
}
