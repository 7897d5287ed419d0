import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { verifyCapturedWebhook } from '../../app/flows/verify-captured-webhook.ts';
import { secretsOf } from '../assignments.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-code.ts';
import { verb } from '../nouns.ts';
import { UsageError } from '../usage-error.ts';

/** `webhooks verify`: whether a captured call was signed with a secret. Needs no server; exit 9 where it was not. */
export function verifyVerb(parent: Command, cli: Cli): void {
  const command = verb(
    parent,
    'verify <file>',
    'Say whether a captured call (headers, an empty line, the body) was signed with a secret',
    'trueup webhooks verify call.http --secret signing=@secret.txt',
  ).requiredOption(
    '--secret <signing=@file|signing=env:NAME>',
    'the signing secret, from a file or a variable',
  );
  command.action(async (file: string) => {
    const { signing } = await secretsOf([command.opts<{ secret: string }>().secret]);
    if (signing === undefined) throw new UsageError('--secret takes signing=@FILE or signing=env:NAME.'); // prettier-ignore
    const message = await readFile(file).catch(() => {
      throw new UsageError(`The file ${file} cannot be read.`);
    });
    const found = verifyCapturedWebhook(message, signing.trim(), new Date());
    cli.output(command).show(found, () => told(found));
    if (!found.signed) process.exitCode = EXIT.different;
  });
}

function told(found: ReturnType<typeof verifyCapturedWebhook>): string {
  const what = `${found.id}, sent ${found.sentAt.toISOString()}`;
  if (!found.signed) return `${what}: this secret did not sign these bytes.`;
  return `${what}: signed with this secret.${found.accepted ? '' : ' It is not of the last five minutes, so a receiver would refuse it now.'}`;
}
