import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Fact } from '../fact.ts';
import { linkMachines } from './link-machines.ts';
import type { MachineFact } from './machines.ts';

interface Wish {
  readonly connection: string;
  readonly ref: string;
  readonly name?: string;
  readonly serial?: string;
  readonly organization?: string;
}

function device({ connection, ref, name = ref, serial, organization }: Wish): MachineFact {
  return {
    factId: `f-${connection}-${ref}`,
    noun: 'device',
    connection,
    externalRef: ref,
    body: {
      externalRef: ref,
      name,
      kind: 'laptop',
      environment: 'prod',
      active: true,
      ...(serial === undefined ? {} : { serialNumber: serial }),
      ...(organization === undefined ? {} : { organizationRef: organization }),
    },
  } as unknown as Fact<'device'>;
}

const keysOf = (facts: readonly MachineFact[]): Record<string, string> =>
  Object.fromEntries(linkMachines(facts).links.map((link) => [link.externalRef, link.machineKey]));

describe('one machine in several sources', () => {
  test('is known by its serial number, whatever its name and case', () => {
    const keys = keysOf([
      device({ connection: 'snipe', ref: 'a', name: 'LT-1', serial: ' sn-77421 ' }),
      device({ connection: 'cmdb', ref: 'b', name: 'other', serial: 'SN-77421' }),
    ]);

    expect(keys).toEqual({ a: 'serial:SN-77421', b: 'serial:SN-77421' });
  });

  test.each(['To Be Filled By O.E.M.', 'Default string', '0', '00000000', 'None', 'N/A'])(
    'is never known by %p, which stands for no serial number',
    (serial) => {
      const keys = keysOf([
        device({ connection: 'snipe', ref: 'a', serial }),
        device({ connection: 'cmdb', ref: 'b', serial }),
      ]);

      expect(new Set(Object.values(keys)).size).toBe(2);
    },
  );

  test('a serial number that stands twice in one source links nothing and is named', () => {
    const { links, unresolved } = linkMachines([
      device({ connection: 'snipe', ref: 'a', serial: 'SN-77421' }),
      device({ connection: 'snipe', ref: 'b', serial: 'SN-77421' }),
      device({ connection: 'cmdb', ref: 'c', serial: 'SN-77421' }),
    ]);

    expect(new Set(links.map(({ machineKey }) => machineKey)).size).toBe(3);
    expect(unresolved.map(({ externalRef, reason }) => [externalRef, reason])).toEqual([
      ['c', 'serial_shared'],
      ['a', 'serial_shared'],
      ['b', 'serial_shared'],
    ]);
  });

  test('a full name links reliably, a short one only as a guess', () => {
    const link = (name: string) =>
      linkMachines([
        device({ connection: 'snipe', ref: 'a', name }),
        device({ connection: 'cmdb', ref: 'b', name: name.toUpperCase() }),
      ]).links.map(({ method, confidence }) => [method, confidence]);

    expect(link('db1.example.com')).toEqual([['hostName', 0.85], ['hostName', 0.85]]); // prettier-ignore
    expect(link('db1')).toEqual([['hostName', 0.6], ['hostName', 0.6]]); // prettier-ignore
  });

  test('the same name in another company is another machine', () => {
    const keys = keysOf([
      device({ connection: 'snipe', ref: 'a', name: 'db1.x', organization: 'North' }),
      device({ connection: 'cmdb', ref: 'b', name: 'db1.x', organization: 'South' }),
    ]);

    expect(new Set(Object.values(keys)).size).toBe(2);
  });

  test('a record without a serial number joins the one machine of its name', () => {
    const keys = keysOf([
      device({ connection: 'snipe', ref: 'a', name: 'db1.x', serial: 'SN-77421' }),
      device({ connection: 'cmdb', ref: 'b', name: 'db1.x', serial: 'SN-77421' }),
      device({ connection: 'lic', ref: 'c', name: 'db1.x' }),
    ]);

    expect(keys['c']).toBe('serial:SN-77421');
  });

  test('a name between two machines decides nothing', () => {
    const { links, unresolved } = linkMachines([
      device({ connection: 'snipe', ref: 'a', name: 'db1.x', serial: 'SN-77421' }),
      device({ connection: 'cmdb', ref: 'b', name: 'db1.x', serial: 'SN-99999A' }),
      device({ connection: 'lic', ref: 'c', name: 'db1.x' }),
    ]);

    expect(links.find(({ externalRef }) => externalRef === 'c')?.method).toBe('own');
    expect(unresolved).toMatchObject([{ externalRef: 'c', reason: 'name_shared' }]);
  });

  test('the order of the records changes nothing, and a second run says the same', () => {
    const wish = fc.record({
      connection: fc.constantFrom('a', 'b', 'c'),
      ref: fc.constantFrom('1', '2', '3', '4'),
      name: fc.constantFrom('db1.x', 'db2.x', 'db1', 'laptop'),
      serial: fc.constantFrom('SN-77421', 'SN-99999A', 'None'),
    });
    const world = fc.uniqueArray(wish, { selector: ({ connection, ref }) => connection + ref, maxLength: 9 }); // prettier-ignore

    fc.assert(
      fc.property(world.chain((wishes) => fc.tuple(fc.constant(wishes), fc.shuffledSubarray(wishes, { minLength: wishes.length }))), ([wishes, shuffled]) => {
        expect(linkMachines(shuffled.map(device))).toEqual(linkMachines(wishes.map(device)));
      }),
    ); // prettier-ignore
  });
});
