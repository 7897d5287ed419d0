import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testStore, type TestStore } from '../../test/support/database.ts';
import { ConfigError } from '../kernel/errors.ts';
import { silentLogger } from '../kernel/logger.ts';
import { openBullmqQueue } from './bullmq-queue.ts';
import { connectionsOf, requireConnections } from './connection-budget.ts';

let db: TestStore;
beforeAll(async () => {
  db = await testStore();
});
afterAll(() => db.close());

describe('the connections of a process', () => {
  test.each([
    [{ poolSize: 10, workers: true, queueInPostgres: true }, 22],
    [{ poolSize: 10, workers: false, queueInPostgres: true }, 13],
    [{ poolSize: 10, workers: true, queueInPostgres: false }, 10],
  ])('%j are %i', (plan, expected) => {
    expect(connectionsOf(plan)).toBe(expected);
  });

  test('a start that the server could not serve is refused, with the figures', async () => {
    const plan = { poolSize: 5_000, workers: true, queueInPostgres: true };

    const refused = requireConnections(db.store, plan);

    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(/5012 connections.*max_connections = \d+/);
  });

  test('a start that fits is allowed', async () => {
    const plan = { poolSize: 5, workers: true, queueInPostgres: true };

    await expect(requireConnections(db.store, plan)).resolves.toBeUndefined();
  });

  test('are no more than was counted, and all given back at the end', async () => {
    const open = async () => {
      const [row] = await db.store.asOwner((tx) =>
        tx.sql<{ n: number }>(
          `select count(*)::int as n from pg_stat_activity
           where datname = current_database() and backend_type = 'client backend'
             and application_name <> 'trueup'`,
        ),
      );
      return row?.n ?? 0;
    };
    const before = await open();
    const queue = await openBullmqQueue({
      databaseUrl: db.url,
      lanes: new Map([['note', 'bulk']]),
      logger: silentLogger,
    });
    await queue.start(() => Promise.resolve(), { interactive: 4, bulk: 4, schedule: 4 });
    await queue.enqueue(
      Array.from({ length: 200 }, (_, version) => ({
        tenantId: 'acme',
        job: 'note',
        key: 'k',
        version,
      })),
    );
    await queue.ping();

    const during = await open();
    await queue.close(1_000);

    expect(during - before).toBeLessThanOrEqual(12);
    // The server notices the end of a connection a moment after the client.
    for (let tries = 0; tries < 100 && (await open()) > before; tries += 1) await sleep(20);
    expect(await open()).toBe(before);
  });
});
