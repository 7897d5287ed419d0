import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadBuiltins } from '../../src/mapping/builtin.ts';
import { checkAgainst } from '../../src/mapping/check-against.ts';
import { describedBy } from '../../src/mapping/language/described-by.ts';
import type { DescribedObject } from '../../src/mapping/language/described.ts';
import { vendorSideOf } from '../../src/mapping/vendor-side.ts';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import { generateCompany } from '../../src/sample/company.ts';
import type { ConnectorDefinition } from '../../src/sdk/define-connector.ts';
import { openSource, startSource, type Source } from '../support/connector-source.ts';

// The typed check against what the vendors themselves describe: no shipped mapping is told of, so none is told of wrongly.

const registry = await loadRegistry();
const builtins = await loadBuiltins(registry.mappingsDir, registry.transforms);
const company = generateCompany(1, { scale: 0.25 });
const connectors = [...registry.connectors.values()].filter(({ id }) => id !== 'file');

/** Read with `.?` because some records of that API have it, and a list that the connector writes record by record. */
const MEANT: Readonly<Record<string, readonly string[]>> = {
  salesforce: [
    'warning unknown_field salesforce.order-item /fields/skuCode/expr',
    'warning unknown_target_field salesforce.renewal-to-opportunity /fields/lines',
  ],
};

describe.each(connectors)('the mappings of $id', (connector) => {
  const described = new Map<string, DescribedObject>();
  let source: Source;

  beforeAll(async () => {
    source = await startSource(registry, company, connector);
    for (const object of objectsOf(connector))
      described.set(object, await lookAt(connector, source, object));
  }, 60_000);
  afterAll(() => source?.stop());

  test('do nothing with a field that its kind forbids', () => {
    const own = builtins.mappings.filter(
      (mapping) => vendorSideOf(mapping).system === connector.id,
    );

    const problems = own.flatMap(({ document }) =>
      checkAgainst(document, described, registry.transforms).map(
        ({ severity, pointer, code }) => `${severity} ${code} ${document.id} ${pointer}`,
      ),
    );

    expect(own.length).toBeGreaterThan(0);
    expect(problems).toEqual(MEANT[connector.id] ?? []);
  });
});

function objectsOf({ streams, writers }: ConnectorDefinition): readonly string[] {
  return [...new Set([...streams.map(({ name }) => name), ...writers.map(({ object }) => object)])];
}

async function lookAt(
  connector: ConnectorDefinition,
  source: Source,
  object: string,
): Promise<DescribedObject> {
  const session = await openSource(connector, source);
  const { fields } = await session.describe(object);
  const landed = connector.streams.some(({ name }) => name === object)
    ? (await session.readPage(object, await session.openWindow(object, null), null)).records
    : [];
  await session.close();
  return describedBy(
    fields,
    landed.map(({ data }) => data),
  );
}
