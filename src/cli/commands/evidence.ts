import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { registerBuild } from '../evidence/build.ts';
import { registerVerify } from '../evidence/verify.ts';
import { listVerb, noun, showVerb } from '../nouns.ts';

interface Pack {
  readonly id: string;
  readonly runId: string;
  readonly cycleId: string | null;
  readonly redaction: string;
  readonly publisher: string | null;
  readonly country: string | null;
  readonly size: number;
  readonly createdAt: string;
}

/** `evidence`: what an auditor takes away, and the check of it. */
export function register(program: Command, cli: Cli): void {
  const evidence = noun(
    program,
    'evidence',
    'Signed evidence packs of cycles and runs, and their check without a server',
    'trueup evidence build cyc_01j… --to cycle.zip',
  );
  registerBuild(evidence, cli);
  listVerb<Pack>(cli, evidence, {
    path: '/evidence-packs',
    description: 'List packs, newest first',
    example: 'trueup evidence list',
    empty: 'No pack was built yet. Build one with: trueup evidence build <cycle or run>',
    columns: [
      { title: 'ID', value: (row) => row.id },
      { title: 'OF', value: (row) => row.cycleId ?? row.runId },
      { title: 'REDACTION', value: (row) => row.redaction },
      { title: 'PUBLISHER', value: (row) => row.publisher },
      { title: 'COUNTRY', value: (row) => row.country },
      { title: 'BYTES', value: (row) => row.size },
      { title: 'BUILT', value: (row) => row.createdAt },
    ],
  });
  showVerb(cli, evidence, {
    path: (id) => `/evidence-packs/${id}`,
    description: 'Show a pack, with the key that its reader checks it against',
    example: 'trueup evidence show evp_01j…',
  });
  registerVerify(evidence, cli);
}
