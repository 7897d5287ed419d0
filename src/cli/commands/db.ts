import type { Command } from 'commander';
import { ConfigError } from '../../kernel/errors.ts';
import type { Cli } from '../cli.ts';
import { runningUrl } from '../home/ensure-home-server.ts';
import { noun, verb } from '../nouns.ts';

/** `db`: backup and restore of the store that comes with a home. */
export function register(program: Command, cli: Cli): void {
  const db = noun(
    program,
    'db',
    'Back up and restore the embedded store of the home',
    'trueup db backup ~/backups/2026-03-02',
  );
  backup(db, cli);
  restore(db, cli);
  doubt(db, cli);
}

function backup(db: Command, cli: Cli): void {
  const command = verb(
    db,
    'backup <folder>',
    'Copy the store into a new folder, while everything works',
    'trueup db backup ~/backups/2026-03-02',
  );
  command.action(async (folder: string) => {
    requireEmbedded(cli);
    const { backUpHome } = await import('../../app/backup-home.ts');
    const { takenAt, files, postgres } = await backUpHome(cli.config.home, folder);
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    cli
      .output(command)
      .show({ folder, takenAt, postgres, files: files.length, bytes }, () =>
        [
          `Backed up to ${folder}: ${files.length} files, ${Math.ceil(bytes / 1e6)} MB, as of ${takenAt}.`,
          'The key-encryption key is not in it. Without that key nobody reads the secrets of the connections: keep it apart.',
        ].join('\n'),
      );
  });
}

function restore(db: Command, cli: Cli): void {
  const command = verb(
    db,
    'restore <folder>',
    'Put a backup in the place of the store; the one before is kept beside it',
    'trueup down && trueup db restore ~/backups/2026-03-02',
  );
  command.action(async (folder: string) => {
    requireEmbedded(cli);
    const { home } = cli.config;
    if ((await runningUrl(home)) !== null)
      throw new ConfigError(`The server of ${home} runs. Stop it first: trueup down`);
    const { restoreHome } = await import('../../app/backup-home.ts');
    const { manifest, before, open } = await restoreHome(home, folder);
    cli
      .output(command)
      .show({ folder, takenAt: manifest.takenAt, before, openIntents: open }, () =>
        [
          `Restored the store as of ${manifest.takenAt}.${before === null ? '' : ` The one before lies in ${before}.`}`,
          `${open} open effects: the connected systems are asked about each of them before anything is sent.`,
          'Users and keys are as they were then: revoke again what was revoked since. Start with: trueup up',
        ].join('\n'),
      );
  });
}

function doubt(db: Command, cli: Cli): void {
  const command = verb(
    db,
    'doubt',
    'After you restored a server of your own: ask the connected systems before anything is sent',
    'trueup db doubt',
  );
  command.action(async () => {
    const { databaseUrl: url, home } = cli.config;
    if (url === undefined)
      throw new ConfigError("`trueup db restore` has done that for the home's embedded store.");
    const { doubtStore } = await import('../../app/backup-home.ts');
    const openIntents = await doubtStore({ home, url });
    cli
      .output(command)
      .show(
        { openIntents },
        () =>
          `${openIntents} open effects: the connected systems are asked about each of them before anything is sent.`,
      );
  });
}

function requireEmbedded(cli: Cli): void {
  if (cli.config.databaseUrl === undefined) return;
  throw new ConfigError(
    "DATABASE_URL names a server of your own: use its tools (docs/how-to/back-up-and-restore.md). `trueup db` is for the home's embedded store.",
  );
}
