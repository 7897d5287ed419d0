import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { verb } from '../nouns.ts';
import { tableText } from '../output.ts';
import { cyclePath, scopeText, type ShownCycle, type Variance, type Verification } from './shapes.ts'; // prettier-ignore

/** `cycles show`, `statement`, `kpis`, `verify`: what changes nothing. */
export function registerLook(cycles: Command, cli: Cli): void {
  show(cycles, cli);
  statement(cycles, cli);
  kpis(cycles, cli);
  verify(cycles, cli);
}

const SHOWN = 20;

function show(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'show <id>',
    'Show a cycle, what did not agree, and what keeps it from being signed',
    'trueup cycles show cyc_01j…',
  );
  command.action(async (id: string) => {
    const api = await cli.api(command);
    const cycle = await api.get<ShownCycle>(cyclePath(id));
    const variances = await api.list<Variance>(`${cyclePath(id)}/variances`);
    cli.output(command).show({ ...cycle, variances }, () => shownText(cycle, variances));
  });
}

function shownText(cycle: ShownCycle, variances: readonly Variance[]): string {
  const { id, name, status, period, owner, round, now, signOffs, blockers, history } = cycle;
  const lacking = now?.gate.filter(({ problem }) => problem !== null).length ?? 0;
  const table = tableText(variances.slice(0, SHOWN), [
    { title: 'SUBJECT', value: (row) => row.subject },
    { title: 'KIND', value: (row) => row.kind },
    { title: 'SKU', value: (row) => row.sku },
    { title: 'AMOUNT', value: (row) => (row.amount === null ? null : `${row.amount} ${row.currency}`) }, // prettier-ignore
    { title: 'DECIDED', value: (row) => row.decision },
  ]);
  return [
    `${id} "${name}" is ${status.replace('_', ' ')}: ${scopeText(cycle.scope)}, ${period.from} to before ${period.to}, owned by ${owner}.`,
    ...(now === null
      ? ['Nothing was computed yet.']
      : [
          `Round ${round}: ${now.runId} of ${now.asOf}, as known at ${now.knownAt}${now.computedAt === null ? '; it is being computed' : ''}.`,
          ...(lacking === 0
            ? []
            : [`${lacking} streams were not whole. Taken because: ${now.gateReason}`]),
        ]),
    ...(variances.length === 0 ? [] : [table]),
    ...(variances.length > SHOWN
      ? [`… and ${variances.length - SHOWN} more; --json shows all`]
      : []),
    ...signOffs.map((each) => `Signed as ${each.role} by ${each.person} at ${each.at}.`),
    ...(now?.statementHash === null || now === null ? [] : [`Statement ${now.statementHash}.`]),
    ...(blockers.length === 0
      ? []
      : ['Before it can be signed:', ...blockers.slice(0, SHOWN).map(({ text }) => `  ${text}`)]),
    ...(blockers.length > SHOWN ? [`  … and ${blockers.length - SHOWN} more`] : []),
    'History:',
    ...history.map(
      ({ at, by, step, reason }) =>
        `  ${at} ${step} by ${by}${reason === null ? '' : `: ${reason}`}`,
    ),
  ].join('\n');
}

function statement(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'statement <id>',
    'Show what is signed, or would be signed now, with its hash',
    'trueup cycles statement cyc_01j…',
  );
  command.action(async (id: string) => {
    const path = `${cyclePath(id)}/statement`;
    const stated = await (await cli.api(command)).get<{ body: object; hash: string }>(path);
    cli
      .output(command)
      .show(stated, () => `${JSON.stringify(stated.body, null, 2)}\nSHA-256 ${stated.hash}`);
  });
}

function kpis(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'kpis <id>',
    'Show its utilisation, days to remediate and money, from cycle to cycle',
    'trueup cycles kpis cyc_01j…',
  );
  command.action(async (id: string) => {
    const figures = await (await cli.api(command)).get<object>(`${cyclePath(id)}/kpis`);
    cli.output(command).show(figures, () => JSON.stringify(figures, null, 2));
  });
}

function verify(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'verify <id>',
    'Compute its run once more, as known then, and compare the hashes',
    'trueup cycles verify cyc_01j…',
  );
  command.action(async (id: string) => {
    const path = `${cyclePath(id)}:verify`;
    const found = await (await cli.api(command)).post<Verification>(path);
    cli.output(command).show(found, () => verifiedText(found));
    if (!found.equal) process.exitCode = EXIT.different;
  });
}

function verifiedText({ runId, asOf, knownAt, checks }: Verification): string {
  const lines = checks.map(({ what, expected, actual, equal }) =>
    equal ? `  ${what} ${expected}` : `  ${what} DIFFERS: was ${expected}, is ${actual}`,
  );
  return [`${runId} of ${asOf}, as known at ${knownAt}, computed again:`, ...lines].join('\n');
}
