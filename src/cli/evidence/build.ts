import { writeFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import type { ApiClient } from '../api-client.ts';
import type { Cli } from '../cli.ts';
import { verb } from '../nouns.ts';
import { UsageError } from '../usage-error.ts';

const REDACTIONS = ['none', 'pseudonyms', 'no_personal_data'] as const;

interface ShownPack {
  readonly id: string;
  readonly runId: string;
  readonly sha256: string;
  readonly size: number;
  readonly publicKey: string;
}

/** `evidence build` and `download`. */
export function registerBuild(parent: Command, cli: Cli): void {
  build(parent, cli);
  download(parent, cli);
}

function build(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'build <cycle-or-run>',
    'Build the signed pack of a cycle’s present figures, or of a run',
    'trueup evidence build cyc_01j… --redaction pseudonyms --to cycle.zip',
  )
    .addOption(
      new Option('--redaction <how>', 'how persons are named in it')
        .choices(REDACTIONS)
        .default('none'),
    )
    .option('--publisher <name>', 'only this publisher’s part numbers')
    .option('--country <code>', 'only parties of this country, ISO 3166-1 alpha-2')
    .option('--to <file>', 'write it there at once');
  command.action(async (id: string) => {
    const { to, redaction, publisher = null, country = null } = command.opts<{ to?: string; redaction: string; publisher?: string; country?: string }>(); // prettier-ignore
    const api = await cli.api(command);
    const { id: packId } = await api.post<{ id: string }>('/evidence-packs', {
      ...subjectOf(id),
      redaction,
      publisher,
      country,
    });
    const pack = await api.get<ShownPack>(`/evidence-packs/${packId}`);
    if (to !== undefined) await save(api, packId, to);
    cli.output(command).show(pack, () => builtText(pack, to));
  });
}

function subjectOf(id: string): { readonly cycleId: string } | { readonly runId: string } {
  if (id.startsWith('cyc_')) return { cycleId: id };
  if (id.startsWith('rec_')) return { runId: id };
  throw new UsageError(`"${id}" is neither a cycle (cyc_…) nor a run (rec_…). See \`trueup cycles list\` and \`trueup recon list\`.`); // prettier-ignore
}

function builtText({ id, runId, size, sha256, publicKey }: ShownPack, to?: string): string {
  const taken = to === undefined ? `Take it with: trueup evidence download ${id}` : `It is in ${to}.`; // prettier-ignore
  return [
    `${id}: the evidence of ${runId}, ${size} bytes, SHA-256 ${sha256}.`,
    `Tell its reader the key by another way than the file: ${publicKey}`,
    taken,
  ].join('\n');
}

function download(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'download <id>',
    'Write a pack to a file',
    'trueup evidence download evp_01j… --to cycle.zip',
  ).option('--to <file>', 'where to; <id>.zip here unless named');
  command.action(async (id: string) => {
    const { to = `${id}.zip` } = command.opts<{ to?: string }>();
    const size = await save(await cli.api(command), id, to);
    cli
      .output(command)
      .show({ id, file: to, size }, () => `${to}: ${size} bytes. Check it: trueup evidence verify ${to}`); // prettier-ignore
  });
}

/** Writes a new file: what stands there already is somebody's evidence, too. */
async function save(api: ApiClient, id: string, path: string): Promise<number> {
  const bytes = await api.bytes(`/evidence-packs/${encodeURIComponent(id)}/download`);
  try {
    await writeFile(path, bytes, { flag: 'wx' });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'there is a file of that name' : (error as Error).message; // prettier-ignore
    throw new UsageError(`The pack ${id} was not written to ${path}: ${reason}. Take it with: trueup evidence download ${id} --to FILE`); // prettier-ignore
  }
  return bytes.length;
}
