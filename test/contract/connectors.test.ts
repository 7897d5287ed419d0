import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fieldsWithoutDescription } from '../../src/registry/fields-without-description.ts';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import { generateCompany } from '../../src/sample/company.ts';
import type {
  ConnectorDefinition,
  ConnectorSession,
  WriterDefinition,
} from '../../src/sdk/define-connector.ts';
import type { Page, PageToken, ReadWindow } from '../../src/sdk/record.ts';
import { CONNECTOR_CASES, type ConnectorCase } from '../support/connector-cases.ts';
import {
  idsOf,
  openSource,
  readFrom,
  recordsOf,
  startSource,
  type Reading,
  type Source,
} from '../support/connector-source.ts';
import { proofOfWrite } from '../support/proof-of-write.ts';
import { wrongSecrets } from '../support/wrong-secrets.ts';

// One suite over every folder of connectors/: whoever adds a connector gets these tests with it.

const ROOT = resolve(import.meta.dirname, '../..');
const registry = await loadRegistry();
/** Large enough that every connector has a stream of more than one page. */
const company = generateCompany(1, { scale: 2.5 });

/** One group per written object; a connector that writes nothing has none. */
function describeEach(
  writers: ConnectorDefinition['writers'],
  tests: (writer: WriterDefinition) => void,
): void {
  for (const writer of writers) {
    describe(`writing ${writer.object}`, () => {
      tests(writer);
    });
  }
}

test('every connector is known to this suite, and the suite knows no other', () => {
  expect(Object.keys(CONNECTOR_CASES).toSorted()).toEqual(
    [...registry.connectors.keys()].toSorted(),
  );
});

describe.each([...registry.connectors.values()])('the connector $id', (connector) => {
  const streams = connector.streams.map(({ name }) => name);
  const reading = new Map<string, Reading>();
  const readingOf = (stream: string): Reading => {
    const found = reading.get(stream);
    if (found === undefined) throw new Error(`${stream} was not read.`);
    return found;
  };
  const { unknownId, writes, files }: ConnectorCase = CONNECTOR_CASES[connector.id] ?? {
    unknownId: '',
    writes: () => ({}),
  };
  const readsFiles = files !== undefined;
  let source: Source;
  let session: ConnectorSession;

  beforeAll(async () => {
    source = await startSource(registry, company, connector);
    session = await openSource(connector, source);
    for (const stream of streams) {
      const window = await session.openWindow(stream, null);
      reading.set(stream, { window, pages: await readFrom(session, stream, window, null) });
    }
  }, 60_000);
  afterAll(async () => {
    await session?.close();
    await source?.stop();
  });

  test('has a manifest that makes sense', () => {
    const { writers, limits } = connector;

    expect(new Set(streams).size).toBe(streams.length);
    expect(new Set(writers.map(({ object }) => object)).size).toBe(writers.length);
    for (const writer of writers) expect(writer.batch).toBeGreaterThanOrEqual(1);
    for (const stream of connector.streams) expect(stream.pageSize).toBeGreaterThanOrEqual(1);
    for (const { related = [] } of connector.streams)
      expect(streams).toEqual(expect.arrayContaining([...related]));
    expect(Math.min(limits.concurrency, limits.timeoutMs, limits.maxResponseBytes)).toBeGreaterThan(
      0,
    );
  });

  test('describes every setting and every secret', () => {
    expect([
      ...fieldsWithoutDescription(connector.config),
      ...fieldsWithoutDescription(connector.secrets),
    ]).toEqual([]);
  });

  test('has a README of at most 60 lines, and a twin unless it reads files', async () => {
    const readme = await readFile(join(ROOT, 'connectors', connector.id, 'README.md'), 'utf8');
    const twin = readsFiles ? null : await registry.twin(connector.id);

    expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
    expect(twin?.system ?? 'none').toBe(readsFiles ? 'none' : connector.id);
  });

  test('passes all of its own checks', async () => {
    const checks = await session.check();

    const needed = [...(readsFiles ? [] : ['login']), ...streams.map((stream) => `read ${stream}`)];
    expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(needed));
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });

  test.each(streams)(
    'reads %s whole: ids distinct, as listed, as many as counted',
    async (stream) => {
      const { window, pages } = readingOf(stream);
      const ids = idsOf(pages);

      const listed = await session.listKeys(stream, window);

      expect(pages.flatMap(({ unreadable }) => unreadable)).toEqual([]);
      expect(ids.length).toBeGreaterThan(0);
      expect(new Set(ids).size).toBe(ids.length);
      expect(listed?.map(({ id }) => id).toSorted()).toEqual(ids);
      const stamps = new Map(recordsOf(pages).map(({ id, stamp }) => [id, stamp]));
      for (const { id, stamp } of listed ?? []) expect([id, stamp]).toEqual([id, stamps.get(id)]);
      expect(await session.countWindow(stream, window)).toBe(ids.length);
    },
  );

  test.each(streams)('keeps to the page size of %s and stamps what it reads by stamp', (stream) => {
    const { cursor, pageSize } = connector.streams.find(({ name }) => name === stream) ?? {
      cursor: 'full',
      pageSize: 0,
    };
    const { window, pages } = readingOf(stream);

    for (const { records } of pages) expect(records.length).toBeLessThanOrEqual(pageSize);
    if (cursor === 'full') return;
    expect(window.to).not.toBeNull();
    for (const { stamp } of recordsOf(pages)) expect((stamp ?? '￿') < (window.to ?? '')).toBe(true);
  });

  test.each(streams)('F-11: reads %s in smaller pages when it is asked to, and loses nothing', async (stream) => {
    const { window, pages } = readingOf(stream);
    const limit = 7;
    const small: Page[] = [];
    let token: PageToken | null = null;
    do {
      const page: Page = await session.readPage(stream, window, token, { limit });
      small.push(page);
      token = page.next;
    } while (token !== null && small.length < 4);

    for (const { records } of small) expect(records.length).toBeLessThanOrEqual(limit);
    const ids = idsOf(small);
    expect(new Set(ids).size).toBe(ids.length);
    expect(idsOf(pages)).toEqual(expect.arrayContaining([...ids]));
    expect(token === null ? ids.length : idsOf(pages).length).toBe(idsOf(pages).length);
  }); // prettier-ignore

  test('goes on from a stored page token in a new session, exactly where the old one stood', async () => {
    const sizeOf = (name: string): number => recordsOf(readingOf(name).pages).length;
    const [stream = ''] = streams.toSorted((left, right) => sizeOf(right) - sizeOf(left));
    const { window, pages } = readingOf(stream);
    const whole = recordsOf(pages).length;
    const half = { limit: Math.ceil(whole / 2) };
    // Smaller pages where the company fits on one.
    const first = pages.length > 1 ? pages[0] : await session.readPage(stream, window, null, half);
    const stored = JSON.parse(JSON.stringify({ window, token: first?.next })) as {
      window: ReadWindow;
      token: PageToken;
    };
    const another = await openSource(connector, source);

    const continued = await readFrom(another, stream, stored.window, stored.token);
    await another.close();

    const before = first?.records.length ?? 0;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(whole);
    expect(recordsOf(continued)).toEqual(recordsOf(pages).slice(before));
  });

  test.each(streams)(
    'reads of an unchanged %s only the overlap, or all of it where it has no stamp',
    async (stream) => {
      const { window, pages } = readingOf(stream);

      const next = await session.openWindow(stream, window.to);
      const again = await readFrom(session, stream, next, null);

      const from = next.from;
      const expected =
        from === null
          ? idsOf(pages)
          : recordsOf(pages)
              .filter(({ stamp }) => (stamp ?? '') >= from)
              .map(({ id }) => id)
              .toSorted();
      expect(next.mode).toBe(window.to === null ? window.mode : 'incremental');
      expect(idsOf(again)).toEqual(expected);
      expect(await session.countWindow(stream, next)).toBe(expected.length);
    },
  );

  test('gives records by id as it read them, and nobody knows an id that never was', async () => {
    const tombstones = new Set<number>();
    for (const stream of streams) {
      const [known] = recordsOf(readingOf(stream).pages);
      const { records: found } = await session.readByIds(stream, [known?.id ?? '', unknownId]);
      const unknown = found.filter(({ id }) => id === unknownId);

      expect(found.filter(({ id }) => id !== unknownId)).toEqual([known]);
      expect(unknown.filter(({ deleted }) => !deleted)).toEqual([]);
      tombstones.add(unknown.length);
    }

    expect(tombstones.size).toBe(1);
  });

  if (!readsFiles) {
    test('tells wrong secrets as an expired login', async () => {
      const [stream = ''] = streams;

      const trying = async (): Promise<unknown> => {
        const stranger = await openSource(connector, source, wrongSecrets(source.secrets));
        return stranger.countWindow(stream, readingOf(stream).window);
      };

      await expect(trying()).rejects.toMatchObject({ code: 'auth_expired' });
    });

    test('tells a host that does not answer as unavailable', async () => {
      const gone = await startSource(registry, company, connector);
      await gone.stop();
      const [stream = ''] = streams;

      const trying = async (): Promise<unknown> => {
        const stranger = await openSource(connector, gone);
        return stranger.readPage(stream, readingOf(stream).window, null);
      };

      await expect(trying()).rejects.toMatchObject({ code: 'remote_unavailable' });
    });
  }

  describeEach(connector.writers, ({ object, intentField, externalIdField, money }) => {
    const own = () => writes(company)[object] ?? { vendorId: null, fields: {} };
    const request = (intentId: string, fields = own().fields) => ({ externalId: `contract-suite-${object}`.toLowerCase(), intentId, vendorId: own().vendorId, fields }); // prettier-ignore

    test('twice under one external id makes one record, and it reads back as it was written', async () => {
      const first = await session.write(object, [request('intent-1')]);
      const second = await session.write(object, [request('intent-2')]);
      const { externalId } = request('');
      const { verdict, others } = await proofOfWrite(session, { object, intentField }, request('intent-2')); // prettier-ignore

      const made = (await source.writesOf(externalId)).filter(
        ({ operation }) => operation === 'create',
      );
      expect([first, second]).toMatchObject([
        [{ kind: 'applied', externalId }],
        [{ kind: 'applied', externalId }],
      ]);
      expect(others).toBe(0);
      expect(verdict).toMatchObject({ kind: 'applied' });
      expect(made).toHaveLength(own().vendorId === null ? 1 : 0);
    });

    test('a field that the vendor does not know is rejected by its name, and nothing is written', async () => {
      const before = await source.writesOf(request('').externalId);

      const [result] = await session.write(object, [
        request('intent-3', { ...own().fields, Trueup_Nowhere__c: 'x' }),
      ]);

      expect(result).toMatchObject({
        kind: 'rejected',
        message: expect.stringContaining('Trueup_Nowhere__c'),
      });
      expect(await source.writesOf(request('').externalId)).toEqual(before);
    });

    test('nothing of money is made blind: whatever was made carries a key of ours, and no two share one', async () => {
      if (!money || externalIdField === null) return;
      for (const attempt of [1, 2, 3]) await session.write(object, [{ ...request(`blind-${attempt}`), attempt }]);

      const made = (await source.made()).map((each) => `${each.object} ${each.externalId}`);
      expect(made.filter((each) => each.endsWith(' null'))).toEqual([]);
      expect(new Set(made).size).toBe(made.length);
    }); // prettier-ignore

    test('what was never written is not read back', async () => {
      expect(await session.readBack(object, ['contract-suite-nothing'])).toEqual([]);
    });
  });
});
