import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { PackCheck } from '../../app/flows/verify-evidence-pack.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { verb } from '../nouns.ts';
import { UsageError } from '../usage-error.ts';

/** `evidence verify`: checks a pack by itself; needs no server, no database and no network. */
export function registerVerify(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'verify <file>',
    'Check a pack by itself and name the first bad byte; needs no server',
    'trueup evidence verify cycle.zip --public-key MCowBQYDK2VwAyEA…',
  ).option('--public-key <key>', 'the key that the issuer told you; else the one in the pack is taken, and named'); // prettier-ignore
  command.action(async (path: string) => {
    const { publicKey } = command.opts<{ publicKey?: string }>();
    const { verifyEvidencePack } = await import('../../app/flows/verify-evidence-pack.ts');
    const check = await verifyEvidencePack(await read(path), publicKey ?? null);
    const ok = check.fault === null && check.auditFault === null;
    cli.output(command).show({ ok, ...check, manifest: shortOf(check) }, () => textOf(path, check, publicKey !== undefined)); // prettier-ignore
    if (!ok) process.exitCode = EXIT.different;
  });
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch {
    throw new UsageError(`The file ${path} cannot be read.`);
  }
}

/** The manifest without the hashes of its blocks. */
function shortOf({ manifest }: PackCheck) {
  if (manifest === null) return null;
  return { ...manifest, files: manifest.files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })) }; // prettier-ignore
}

function textOf(
  path: string,
  { manifest, publicKey, fault, auditFault }: PackCheck,
  known: boolean,
): string {
  // prettier-ignore
  const lines = [
    ...(fault === null ? [] : [`${fault.file ?? 'ZIP'} at ${fault.offset}: ${fault.message}`]),
    ...(auditFault === null ? [] : [`Audit log, entry ${auditFault.seq}, ${auditFault.reason}: ${auditFault.message}`]), // prettier-ignore
  ];
  if (lines.length > 0 || manifest === null) return [`${path} is not what was packed.`, ...lines].join('\n'); // prettier-ignore
  return [
    `${path} is whole: ${manifest.files.length} files of ${manifest.cycleId ?? manifest.runId}, ${manifest.asOf} as known at ${manifest.knownAt}.`,
    `Result ${manifest.resultHash}.`,
    ...(manifest.statementHash === null ? [] : [`Statement ${manifest.statementHash}.`]),
    known
      ? 'It is signed with the key that you gave.'
      : `It is signed with ${publicKey}. Compare that with the key that the issuer tells you.`,
  ].join('\n');
}
