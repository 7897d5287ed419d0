import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { verb } from '../nouns.ts';
import { tableText, type Column } from '../output.ts';

interface FigureDelta {
  readonly before: string;
  readonly after: string;
  readonly total: string;
  readonly by: Readonly<Record<'rule' | 'dataCorrection' | 'entitlement' | 'demand', string>>;
}

interface Delta {
  readonly before: { readonly id: string; readonly asOf: string };
  readonly after: { readonly id: string; readonly asOf: string };
  readonly lines: readonly {
    readonly lineId: string;
    readonly ownerRef: string;
    readonly ownerName: string | null;
    readonly skuCode: string;
    readonly figures: Readonly<Record<string, FigureDelta | null>>;
  }[];
}

interface Row {
  readonly owner: string;
  readonly sku: string;
  readonly figure: string;
  readonly delta: FigureDelta | null;
}

const WORDS: Readonly<Record<string, string>> = {
  rightsOwned: 'owned',
  rightsRequired: 'required',
  surplus: 'surplus',
  shortfall: 'shortfall',
};

const COLUMNS: readonly Column<Row>[] = [
  { title: 'OWNER', value: ({ owner }) => owner },
  { title: 'SKU', value: ({ sku }) => sku },
  { title: 'FIGURE', value: ({ figure }) => WORDS[figure] ?? figure },
  { title: 'BEFORE', value: ({ delta }) => delta?.before ?? 'unknown' },
  { title: 'AFTER', value: ({ delta }) => delta?.after ?? 'unknown' },
  { title: 'RULES', value: ({ delta }) => delta?.by.rule },
  { title: 'CORRECTIONS', value: ({ delta }) => delta?.by.dataCorrection },
  { title: 'RIGHTS', value: ({ delta }) => delta?.by.entitlement },
  { title: 'DEMAND', value: ({ delta }) => delta?.by.demand },
];

/** A figure that is the same before and after, and whose causes cancel to nothing, tells nothing. */
function isStill(delta: FigureDelta): boolean {
  return Object.values(delta.by).every((part) => part === '0');
}

function rowsOf(delta: Delta): readonly Row[] {
  return delta.lines.flatMap(({ ownerRef, ownerName, skuCode, figures }) =>
    Object.entries(figures)
      .filter(([, figure]) => figure === null || !isStill(figure))
      .map(([figure, each]) => ({
        owner: ownerName ?? ownerRef,
        sku: skuCode,
        figure,
        delta: each,
      })),
  );
}

/** `recon delta`: what moved between two reconciliations, and by which cause. */
export function registerDelta(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'delta [id]',
    'What moved since an earlier reconciliation: by rules, corrections, rights and demand',
    'trueup recon delta --against rec_…',
  ).option('--against <id>', 'the earlier one; the one of today before it unless named');
  command.action(async (id: string | undefined) => {
    const { against } = command.opts<{ against?: string }>();
    const path = `/reconciliations/${encodeURIComponent(id ?? 'latest')}/delta`;
    const query = against === undefined ? {} : { against };
    const delta = await (await cli.api(command)).get<Delta>(path, query);
    const { before, after } = delta;
    const title = `${after.id} (${after.asOf}) against ${before.id} (${before.asOf})`;
    const rows = rowsOf(delta);
    cli
      .output(command)
      .show(delta, () =>
        rows.length === 0 ? `${title}: nothing moved.` : `${title}\n${tableText(rows, COLUMNS)}`,
      );
  });
}
