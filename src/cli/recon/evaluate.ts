import type { Command } from 'commander';
import type { Evaluation } from '../../app/flows/evaluate-scenario.ts';
import type { Cli } from '../cli.ts';
import { verb } from '../nouns.ts';
import { tableText } from '../output.ts';
import { readText } from '../read-text.ts';

/** `recon evaluate FILE`: the positions of a world that one document holds; needs no server and no store. */
export function registerEvaluate(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'evaluate <file>',
    'Compute the positions of a scenario document; needs no server ("-" reads standard input)',
    'trueup recon evaluate docs/scenarios/named-users.json',
  ).option('--case <name>', 'one of the cases of the document instead of its base');
  command.action(async (file: string) => {
    const { case: caseName } = command.opts<{ case?: string }>();
    const text = await readText(file);
    // The engine and every metric, which no other command needs.
    const [{ evaluateScenarioDocument }, { installedPlugIns }] = await Promise.all([
      import('../../app/flows/evaluate-scenario.ts'),
      import('../../app/installed-plug-ins.ts'),
    ]);
    const evaluation = evaluateScenarioDocument(
      await installedPlugIns(cli.config),
      text,
      caseName ?? null,
    );
    cli.output(command).show(evaluation, () => textOf(evaluation));
  });
}

function textOf({ asOf, positions, exclusions, money, hashes }: Evaluation): string {
  if (positions.length === 0)
    return `Nothing to reconcile on ${asOf}: no rights in force and no demand.`;
  const table = tableText(positions, [
    { title: 'OWNER', value: ({ ownerName, ownerRef }) => ownerName ?? ownerRef },
    { title: 'SKU', value: ({ skuCode }) => skuCode },
    { title: 'METRIC', value: ({ metricCode }) => metricCode },
    { title: 'OWNED', value: ({ rightsOwned }) => rightsOwned },
    { title: 'REQUIRED', value: ({ rightsRequired }) => rightsRequired },
    { title: 'SURPLUS', value: ({ surplus }) => surplus },
    { title: 'SHORTFALL', value: ({ shortfall }) => shortfall },
    { title: 'STATUS', value: ({ status }) => status },
  ]);
  return [
    table,
    ...positions.flatMap(({ skuCode, steps }) => [
      '',
      `${skuCode}:`,
      ...steps.map((step) => `  ${step}`),
    ]),
    ...(exclusions.length === 0
      ? []
      : [
          '',
          `Needs no right: ${exclusions.map(({ subjectId, reason }) => `${subjectId} (${reason})`).join(', ')}`,
        ]),
    ...money.map(
      ({ currency, trueUpCost, overLicensedAmount }) =>
        `True-up ${trueUpCost} ${currency}, unused ${overLicensedAmount} ${currency}.`,
    ),
    `Result ${hashes.result}`,
  ].join('\n');
}
