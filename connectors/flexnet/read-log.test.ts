import { describe, expect, test } from '@jest/globals';
import { readLog, type Checkout, type ReadLog } from './read-log.ts';

const read = (lines: readonly string[], timeZone = 'UTC'): Promise<ReadLog> =>
  readLog(['0:00:00 (lmgrd) TIMESTAMP 3/2/2026', ...lines], timeZone);

const at = (time: string): number => Date.parse(`2026-03-02T${time}Z`);
const held = ({ outAt, inAt, endReason, licences }: Checkout) => ({
  from: new Date(outAt).toISOString().slice(5, 16),
  to: inAt === null ? null : new Date(inAt).toISOString().slice(5, 16),
  endReason,
  licences,
});

/** The most licences out at once, half-open: what ends at an instant no longer counts at it. */
function peakOf(checkouts: readonly Checkout[]): number {
  const steps = checkouts.flatMap(({ outAt, inAt, licences }) => [
    { when: outAt, change: licences },
    ...(inAt === null ? [] : [{ when: inAt, change: -licences }]),
  ]);
  let [now, most] = [0, 0];
  for (const { change } of steps.toSorted((a, b) => a.when - b.when || a.change - b.change)) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}

const out = (time: string, user: string, rest = ''): string =>
  `${time} (cad) OUT: "cad" ${user}@h1 ${rest}`;
const back = (time: string, user: string, rest = ''): string =>
  `${time} (cad) IN: "cad" ${user}@h1 ${rest}`;

describe('intervals of a debug log', () => {
  test('G-11: overlapping check-outs peak at 4 licences', async () => {
    const { checkouts } = await read([
      out('9:00:00', 'a'),
      out('9:30:00', 'b'),
      back('10:00:00', 'b'),
      out('10:00:00', 'c'),
      out('10:30:00', 'd', '(2 licenses)'),
      back('10:45:00', 'd', '(2 licenses)'),
      back('11:00:00', 'a'),
      out('11:00:00', 'e'),
      back('11:30:00', 'e'),
      back('12:00:00', 'c'),
    ]);

    expect(peakOf(checkouts)).toBe(4);
    expect(checkouts.every(({ endReason }) => endReason === 'in')).toBe(true);
  });

  test('G-12: one licence handed on at ten o’clock was never two', async () => {
    const { checkouts } = await read([
      out('9:00:00', 'a'),
      back('10:00:00', 'a'),
      out('10:00:00', 'b'),
      back('11:00:00', 'b'),
    ]);

    expect(peakOf(checkouts)).toBe(1);
  });

  test('G-13: two users hold three, the third is denied once and then served', async () => {
    const { checkouts, denials, bad } = await read([
      '9:00:00 OUT "cad" u1@h1',
      '9:05:00 OUT "cad" u2@h2 (2 licenses)',
      '9:10:00 DENIED "cad" u3@h3 (Licensed number of users already reached. (-4,342:0))',
      '9:20:00 IN "cad" u1@h1',
      '9:20:00 OUT "cad" u3@h3',
      '9:40:00 IN "cad" u2@h2 (2 licenses)',
      '9:40:00 IN "cad" u3@h3',
    ]);

    expect(peakOf(checkouts)).toBe(3);
    expect(bad).toEqual([]);
    expect(denials).toMatchObject([
      { user: 'u3', at: at('09:10:00'), reason: 'Licensed number of users already reached. (-4,342:0)' },
    ]); // prettier-ignore
  });

  test('G-14: a borrowed licence is out on days without the server, until its time is over', async () => {
    const { checkouts } = await read([
      '8:00:00 (cad) OUT: "cad" ann@h9 (linger: 316740)',
      '9:00:00 (lmgrd) Shutting down cad pid=77',
      '0:00:01 (lmgrd) TIMESTAMP 3/6/2026',
    ]);

    expect(checkouts.map(held)).toEqual([
      { from: '03-02T08:00', to: '03-05T23:59', endReason: 'borrow_expiry', licences: 1 },
    ]);
  });

  test('G-14: a borrow that is given back early ends then', async () => {
    const { checkouts } = await read([
      '8:00:00 (cad) OUT: "cad" ann@h9 (linger: 316740)',
      '17:00:00 (cad) IN: "cad" ann@h9 (linger: 316740)',
    ]);

    expect(checkouts.map(held)).toMatchObject([{ to: '03-02T17:00', endReason: 'in' }]);
  });

  test('G-15: a restart ends what was out, so the same user is not counted twice', async () => {
    const { checkouts } = await read([
      out('9:00:00', 'u1'),
      '13:00:00 (lmgrd) FlexNet Licensing (v11.16.2 build 1) started on lic1 (linux) (3/2/2026)',
      out('13:05:00', 'u1'),
      back('14:00:00', 'u1'),
    ]);

    expect(checkouts.map(held)).toMatchObject([
      { from: '03-02T09:00', to: '03-02T13:00', endReason: 'shutdown' },
      { from: '03-02T13:05', to: '03-02T14:00', endReason: 'in' },
    ]);
    expect(peakOf(checkouts)).toBe(1);
  });

  test('G-16: tokens count as many as they weigh, and keep the product behind them', async () => {
    const token = (time: string, user: string): string =>
      `${time} (telelogic) OUT: "TLSTOK-token" ${user}@h1 [DOORS] (3 licenses)`;
    const { checkouts, denials } = await read([
      token('9:00:00', 'a'),
      token('9:01:00', 'b'),
      token('9:02:00', 'c'),
      '9:03:00 (telelogic) DENIED: "TLSTOK-token" d@h1 [DOORS] (3 licenses) (Licensed number of users already reached. (-4,342))',
    ]);

    expect(peakOf(checkouts)).toBe(9);
    expect(checkouts.every(({ product }) => product === 'DOORS')).toBe(true);
    expect(denials).toMatchObject([{ licences: 3, product: 'DOORS' }]);
  });

  test('G-17: two sites in one log keep their own daemons, so each peak can be told', async () => {
    const site = (daemon: string, user: string) => [
      `1:00:00 (${daemon}) OUT: "cad" ${user}@h1`,
      `9:00:00 (${daemon}) IN: "cad" ${user}@h1`,
    ];
    const { checkouts } = await read([...site('siteA', 'u'), ...site('siteB', 'u')].toSorted());

    const of = (daemon: string) => peakOf(checkouts.filter((each) => each.daemon === daemon));
    expect([of('siteA'), of('siteB'), peakOf(checkouts)]).toEqual([1, 1, 2]);
  });
});

describe('the clock of a log', () => {
  test('a clock that falls back to the morning has passed midnight', async () => {
    const { checkouts } = await read([out('23:50:00', 'u1'), back('0:10:00', 'u1')]);

    expect(checkouts.map(held)).toMatchObject([{ from: '03-02T23:50', to: '03-03T00:10' }]);
  });

  test('a line of another daemon that is a minute late is no new day', async () => {
    const { checkouts } = await read([out('10:01:00', 'u1'), out('10:00:30', 'u2')]);

    expect(checkouts.map(({ outAt }) => outAt)).toEqual([at('10:01:00'), at('10:00:30')]);
  });

  test('times are those of the server’s zone, also in the hour that comes twice', async () => {
    const lines = ['0:00:00 (lmgrd) TIMESTAMP 10/25/2026', out('1:30:00', 'a'), out('2:50:00', 'b'), out('2:10:00', 'c'), out('3:30:00', 'd')]; // prettier-ignore

    const { checkouts } = await readLog(lines, 'Europe/Berlin');

    expect(checkouts.map(({ outAt }) => new Date(outAt).toISOString().slice(11, 16))).toEqual([
      '23:30',
      '00:50',
      '01:10',
      '02:30',
    ]);
  });

  test('a use before the first date is not guessed: it waits for a person', async () => {
    const { checkouts, bad } = await readLog([out('9:00:00', 'u1')], 'UTC');

    expect(checkouts).toEqual([]);
    expect(bad).toMatchObject([{ reason: expect.stringMatching(/^line 1: no date/), verb: 'OUT' }]);
  });
});

describe('lines that are not as expected', () => {
  test('a use that cannot be read is named by its line, never by its text', async () => {
    const { bad } = await read(['9:00:00 (cad) OUT: cad secret-user@h1']);

    expect(bad).toMatchObject([{ reason: expect.stringMatching(/^line 2: /), verb: 'OUT' }]);
    expect(bad[0]?.reason).not.toContain('secret-user');
  });

  test('a check-in without its check-out is told, and what it ended is not guessed', async () => {
    const { checkouts, bad } = await read([back('9:00:00', 'u1')]);

    expect(checkouts).toEqual([]);
    expect(bad).toMatchObject([{ verb: 'IN', code: 'check_out_missing' }]);
  });

  test('a check-in of what the server ended when it stopped, or of a borrow that ran out, is not told', async () => {
    const { bad } = await read([
      out('9:00:00', 'u1'),
      '10:00:00 (lmgrd) Shutting down cad pid=1',
      back('10:00:01', 'u1'),
      '11:00:00 (cad) OUT: "cad" u2@h1 (linger: 60)',
      back('12:00:00', 'u2'),
    ]);

    expect(bad).toEqual([]);
  });

  test('a user whose name holds a blank and an @ is read whole', async () => {
    const { checkouts } = await read(['9:00:00 (cad) OUT: "cad" CORP ann lee@x@ws-7 ']);

    expect(checkouts).toMatchObject([{ user: 'CORP ann lee@x', host: 'ws-7' }]);
  });

  test('lines of brackets and quotes do not hang the reader', async () => {
    const lines = [`9:00:00 (cad) OUT: "cad" u@h ${'('.repeat(8000)}`, `9:00:00 (cad) OUT: "${'"@'.repeat(4000)}`]; // prettier-ignore

    const { checkouts, bad } = await read(lines);

    expect([checkouts.length, bad.length]).toEqual([1, 1]);
  });
});
