import { describe, expect, test } from '@jest/globals';
import { cloud, device, factors, metered, persons, server } from '../../../test/support/meter.ts';
import coresPhysical from './cores-physical.ts';
import coresVirtual from './cores-virtual.ts';
import pvu from './ibm-pvu.ts';
import rvu from './ibm-rvu.ts';
import namedUserPlus from './oracle-named-user-plus.ts';
import processor from './oracle-processor.ts';
import rhel from './rhel-socket-pair.ts';
import sqlServer from './sql-server-enterprise-server.ts';
import windowsServer from './windows-server-standard.ts';

const times = (count: number, value: number): readonly number[] =>
  Array.from({ length: count }, () => value);

describe('Microsoft per core', () => {
  test('G-18: each SQL Server machine needs its virtual cores, four at least', () => {
    const met = metered(coresVirtual, { servers: [server('h', [2, 16], [2, 4, 8, 6])] });

    expect(met.required).toBe('22');
    expect(met.counted.map((each) => each.licensableQuantity)).toEqual(['4', '4', '8', '6']);
  });

  test('G-20: Windows Server needs eight cores a processor and sixteen a server at least', () => {
    const least = { minPerProcessor: 8, minPerServer: 16 };

    expect(metered(coresPhysical, { servers: [server('a', [2, 4])] }, least).required).toBe('16');
    expect(metered(coresPhysical, { servers: [server('b', [4, 4])] }, least).required).toBe('32');
  });

  test.each([
    ['G-21: two machines on 2 × 6 cores', [2, 6], 2, '16'],
    ['G-22: ten machines on 4 × 8 cores', [4, 8], 10, '160'],
    [
      'G-23: four machines on 4 × 4 cores (the published 32 forgets the least of eight cores a processor)',
      [4, 4],
      4,
      '64',
    ],
    ['G-24: nine machines on 2 × 32 cores', [2, 32], 9, '320'],
  ] as const)('%s', (_, [sockets, cores], machines, required) => {
    const servers = [server('h', [sockets, cores], times(machines, 2))];

    expect(metered(windowsServer, { servers }).required).toBe(required);
  });

  test('G-25: Windows Server machines alone need eight cores each at least; without Software Assurance the server counts', () => {
    const servers = [server('h', [2, 16], [2, 4, 8, 12])];

    expect(metered(coresVirtual, { servers }, { minPerVm: 8 }).required).toBe('36');
    expect(metered(coresVirtual, { servers }, { minPerVm: 8, mayLicenseVms: false })).toMatchObject(
      { required: '32', warnings: ['vm_licensing_not_allowed'] },
    );
  });

  test('G-35: SQL Server Enterprise with CAL needs four licences for 13 machines and 72 threads', () => {
    const hosts = ['a', 'b', 'c'].map((id) =>
      server(id, [2, 18], times(13, 2), { threadsPerCore: 2 }),
    );
    const met = metered(sqlServer, { servers: hosts });

    expect(met.counted.map((each) => each.licensableQuantity)).toEqual(['4', '4', '4']);
    expect(met.required).toBe('12');
  });

  test('a server whose processors nobody knows is a gap, never zero', () => {
    expect(metered(coresPhysical, { servers: [server('h', [null, null])] }).gaps).toEqual([
      'unknown_processors: h',
    ]);
  });
});

describe('Oracle', () => {
  const half = factors({ x86: '0.5' });
  const x86 = { processorModel: 'x86' };

  test('G-26: two times sixteen cores at 0.5 are sixteen processors, and 400 named users at least', () => {
    const servers = [server('db', [2, 16], [], x86)];

    expect(metered(processor, { servers, factorTable: half }).required).toBe('16');
    expect(metered(namedUserPlus, { servers, factorTable: half }).required).toBe('400');
  });

  describe('G-27: six servers of two classes of factors', () => {
    const servers = [
      server('a', [1, 2], [], { processorModel: 'p75' }),
      ...['b', 'c', 'd', 'e'].map((id) => server(id, [1, 1], [], { processorModel: 'p75' })),
      server('f', [1, 1], [], { processorModel: 'p50' }),
    ];
    const table = factors({ p75: '0.75', p50: '0.5' });

    test.each([
      ['per_factor_class', '6'],
      ['per_server', '7'],
      ['total', '5'],
    ])('rounded %s they are %s processors', (roundingScope, required) => {
      const met = metered(processor, { servers, factorTable: table }, { roundingScope });

      expect([met.required, met.figures?.['roundingScope']]).toEqual([required, roundingScope]);
    });
  });

  test('G-02, G-28: named users are the larger of those authorised and 25 a processor', () => {
    const one = { servers: [server('db', [1, 2], [], x86)], factorTable: half };
    const six = { servers: [server('db', [3, 4], [], x86)], factorTable: half };

    expect(metered(namedUserPlus, { ...one, subjects: persons(18) }).required).toBe('25');
    expect(metered(namedUserPlus, { ...six, subjects: persons(40) }).required).toBe('150');
    expect(metered(namedUserPlus, { ...six, subjects: persons(210) }).required).toBe('210');
  });

  test('G-29: scanners that persons operate are not counted beside them', () => {
    const scanners = Array.from({ length: 150 }, (_, at) =>
      device(`scan${at}`, { kind: 'scanner', userIds: [`u${at}`] }),
    );
    const servers = Array.from({ length: 6 }, (_, at) =>
      server(`s${at}`, [1, 1], [], { processorModel: 'single' }),
    );
    const met = metered(namedUserPlus, {
      subjects: persons(300),
      devices: scanners,
      servers,
      factorTable: factors({ single: '1' }),
    });

    expect([met.required, met.figures?.['processors']]).toEqual(['300', '6']);
    expect(met.excluded[0]).toEqual({ subjectId: 'scan0', reason: 'operated_by_a_person' });
  });

  test('a device that nobody operates is counted as a user', () => {
    expect(
      metered(namedUserPlus, { devices: [device('sensor')] }, { minPerProcessor: 0 }).required,
    ).toBe('1');
  });

  test.each([
    ['SE', { edition: 'SE' }, '3', []],
    ['EE with hyper-threading', { edition: 'EE' }, '5', []],
    ['EE without', { edition: 'EE', hyperThreading: false }, '10', []],
    [
      'SE2 with a cap of 8',
      { edition: 'SE2', instanceSizeCap: 8 },
      '0',
      [{ subjectId: 'cloud-vm0', reason: 'instance_too_large' }],
    ],
  ] as const)(
    'G-30: ten virtual processors in a cloud, %s',
    (_, attributes, required, unlicensable) => {
      const met = metered(processor, { servers: [cloud([10])], factorTable: half }, attributes);

      expect([met.required, met.unlicensable]).toEqual([required, unlicensable]);
    },
  );

  test('Standard Edition 2 on more sockets than allowed is licensed by nothing', () => {
    const met = metered(
      processor,
      { servers: [server('db', [4, 8])] },
      { edition: 'SE2', socketCap: 2 },
    );

    expect([met.required, met.unlicensable]).toEqual([
      '0',
      [{ subjectId: 'db', reason: 'too_many_sockets' }],
    ]);
  });

  test('an unknown processor counts at the highest factor, and says so', () => {
    const met = metered(processor, {
      servers: [server('db', [1, 4], [], { processorModel: 'new' })],
      factorTable: factors({ x86: '0.5', power: '1' }),
    });

    expect(met.required).toBe('4');
    expect(met.warnings).toEqual(['unknown_processor: db counts at the highest factor of a test']);
  });

  test('without a table of factors there is no count', () => {
    expect(metered(processor, { servers: [server('db', [1, 4])] }).gaps).toEqual([
      'missing_factor_table: oracle_core_factor',
    ]);
  });
});

describe('IBM and Red Hat', () => {
  const units = factors({ p70: '70', p120: '120' });

  test('G-31: full capacity without the tool, and the machine alone with it', () => {
    const servers = [server('h', [2, 16], [4], { processorModel: 'p120' })];

    expect(metered(pvu, { servers, factorTable: units }).required).toBe('3840');
    expect(
      metered(pvu, { servers, factorTable: units }, { subCapacityEvidence: true }).required,
    ).toBe('480');
  });

  test('G-32: virtual cores never count beyond the physical ones', () => {
    const servers = [server('h', [2, 12], [10, 12, 8], { processorModel: 'p70' })];

    expect(
      metered(pvu, { servers, factorTable: units }, { subCapacityEvidence: true }).required,
    ).toBe('1680');
  });

  test('G-33: 150,000 resources are graduated over the total', () => {
    const met = metered(rvu, {
      servers: Array.from({ length: 1000 }, (_, at) => server(`s${at}`, [10, 15])),
    });

    expect([met.required, met.figures?.['resources']]).toEqual(['72500', '150000']);
    expect(met.explanation).toEqual([
      '2500 × 1 = 2500',
      '7500 × 0.8 = 6000',
      '40000 × 0.6 = 24000',
      '100000 × 0.4 = 40000',
    ]);
  });

  test('G-36: pairs of sockets, and half a subscription for each virtual machine', () => {
    const hosts = [server('a', [10, 4]), server('b', [20, 4])];

    expect(metered(rhel, { servers: hosts }).required).toBe('15');
    expect(
      metered(rhel, { servers: [...hosts, server('c', [null, null], times(10, 2))] }).required,
    ).toBe('20');
    expect(metered(rhel, { servers: [cloud(times(4, 2))] }).required).toBe('2');
    expect(metered(rhel, { servers: [server('three', [3, 4])] }).required).toBe('2');
  });
});
