import type { Command } from 'commander';
import type { MappingVerdict } from '../../app/flows/validate-mapping-file.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { verb } from '../nouns.ts';

/** `mappings validate FILE`: everything that can be said of a file without a server. Exit 6 if it does not fit. */
export function registerValidate(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'validate <file>',
    'Check a mapping file and run its tests; needs no server',
    'trueup mappings validate mappings/acme/order.yaml',
  );
  command.action(async (file: string) => {
    // The whole engine, which no other command needs.
    const [{ validateMappingFile }, { installedPlugIns }] = await Promise.all([
      import('../../app/flows/validate-mapping-file.ts'),
      import('../../app/installed-plug-ins.ts'),
    ]);
    const verdict = await validateMappingFile(await installedPlugIns(cli.config), file);
    if (!verdict.ok) process.exitCode = EXIT.invalid;
    cli.output(command).show(documentOf(verdict), () => textOf(file, verdict));
  });
}

function documentOf({ ok, problems }: MappingVerdict) {
  return {
    ok,
    problems: problems.map(({ row, pointer, code, message, hint }) => ({
      row,
      pointer,
      code,
      message,
      hint,
    })),
  };
}

/** One line a problem, as compilers write them, so that editors can jump to it. */
function textOf(file: string, { ok, problems }: MappingVerdict): string {
  if (ok) return `${file} fits, and its tests pass.`;
  return problems
    .map(({ line, pointer, code, message, hint }) => {
      const place = line === null ? file : `${file}:${line}`;
      return `${place}: ${pointer || '/'}: ${message} [${code}]${hint === null ? '' : ` ${hint}`}`;
    })
    .join('\n');
}
