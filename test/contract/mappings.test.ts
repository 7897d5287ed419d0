import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadBuiltins } from '../../src/mapping/builtin.ts';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import { generateCompany } from '../../src/sample/company.ts';
import type { ConnectorDefinition } from '../../src/sdk/define-connector.ts';
import { openSource, startSource, type Source } from '../support/connector-source.ts';

// Shipped mappings against the manifests of the connectors and against the vendors' own descriptions.

const registry = await loadRegistry();
const builtins = await loadBuiltins(registry.mappingsDir, registry.transforms);
const shipped = builtins.mappings.map((mapping) => ({ mapping, plan: builtins.plan(mapping) }));
const inbound = shipped.flatMap(({ mapping, plan }) =>
  plan.kind === 'inbound' ? [{ mapping, plan }] : [],
);
const outbound = shipped.flatMap(({ mapping, plan }) =>
  plan.kind === 'outbound' ? [{ mapping, plan }] : [],
);
const connectors = [...registry.connectors.values()];
const company = generateCompany(1, { scale: 0.25 });

/** Names that are no field of the vendor's description: record ids, sublists, and relations that the connector flattens. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  salesforce: ['lines', 'ProductCode'],
  netsuite: ['item', 'externalid', 'vatregnumber'],
};

/** Members of the vendor's record that a mapping reads: `src.Name`, `src.?Name`. */
function namesRead(document: {
  readonly fields: unknown;
  readonly when?: unknown;
  readonly forEach?: unknown;
}): readonly string[] {
  const text = JSON.stringify([document.fields, document.when ?? null, document.forEach ?? null]);
  return [...new Set([...text.matchAll(/\bsrc\.\??([A-Za-z_]\w*)/g)].map(([, name = '']) => name))];
}

/** First steps of the fields that a mapping writes: `entity` of `entity.id`. */
function namesWritten(fields: unknown): readonly string[] {
  return [...new Set(Object.keys(fields as object).map((path) => path.split('.')[0] ?? ''))];
}

describe.each(connectors)('the mappings of $id', (connector) => {
  test('read every stream that it has, and no other', () => {
    const read = new Set(
      inbound
        .filter(({ plan }) => plan.source.connection === connector.id)
        .map(({ plan }) => plan.source.stream),
    );

    const mapped = connector.streams.filter(({ raw }) => raw !== true);
    expect([...read].toSorted()).toEqual(mapped.map(({ name }) => name).toSorted());
  });

  test('write every object that it writes, and no other', () => {
    const written = new Set(
      outbound
        .filter(({ plan }) => plan.target.connection === connector.id)
        .map(({ plan }) => plan.target.object),
    );

    expect([...written].toSorted()).toEqual(
      connector.writers
        .filter(({ byOwnMapping }) => byOwnMapping !== true)
        .map(({ object }) => object)
        .toSorted(),
    );
  });

  test('include only records that it reads', () => {
    const names = connector.streams.map(({ name }) => name);
    const own = inbound.filter(({ plan }) => plan.source.connection === connector.id);

    for (const { plan } of own)
      expect(names).toEqual(expect.arrayContaining(plan.includes.map(({ stream }) => stream)));
  });
});

describe.each(connectors.filter(({ id }) => id !== 'file'))('the fields of $id', (connector) => {
  const known = new Map<string, ReadonlySet<string>>();
  const isKnown = (object: string, name: string): boolean =>
    known.get(object)?.has(name) === true || (BESIDE[connector.id] ?? []).includes(name);
  let source: Source;

  beforeAll(async () => {
    source = await startSource(registry, company, connector);
    for (const object of objectsOf(connector))
      known.set(object, await fieldsOf(connector, source, object));
  }, 30_000);
  afterAll(() => source?.stop());

  test('that mappings read are there at the vendor', () => {
    const own = inbound.filter(({ plan }) => plan.source.connection === connector.id);
    const strange = own.flatMap(({ mapping, plan }) =>
      namesRead(mapping.document)
        .filter((name) => !isKnown(plan.source.stream, name))
        .map((name) => `${plan.id}: ${name}`),
    );

    expect(strange).toEqual([]);
  });

  test('that mappings write are there at the vendor', () => {
    const own = outbound.filter(({ plan }) => plan.target.connection === connector.id);
    const strange = own.flatMap(({ mapping, plan }) =>
      namesWritten(mapping.document.fields)
        .filter((name) => !isKnown(plan.target.object, name))
        .map((name) => `${plan.id}: ${name}`),
    );

    expect(strange).toEqual([]);
  });
});

function objectsOf({ streams, writers }: ConnectorDefinition): readonly string[] {
  return [...new Set([...streams.map(({ name }) => name), ...writers.map(({ object }) => object)])];
}

/** What the vendor describes, and what a record of it shows once it has landed. */
async function fieldsOf(
  connector: ConnectorDefinition,
  source: Source,
  object: string,
): Promise<ReadonlySet<string>> {
  const session = await openSource(connector, source);
  const described = (await session.describe(object)).fields.map(({ name }) => name);
  const landed = connector.streams.some(({ name }) => name === object)
    ? (await session.readPage(object, await session.openWindow(object, null), null)).records
    : [];
  await session.close();
  return new Set([...described, ...landed.flatMap(({ data }) => Object.keys(data))]);
}
