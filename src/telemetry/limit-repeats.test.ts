import { describe, expect, test } from '@jest/globals';
import { silentLogger, type LogFields, type Logger } from '../kernel/logger.ts';
import { limitRepeats } from './limit-repeats.ts';

function recording() {
  const lines: (readonly [string, LogFields | undefined])[] = [];
  const logger: Logger = {
    ...silentLogger,
    warn: (message, fields) => lines.push([message, fields]),
    child: () => logger,
  };
  return { logger, lines };
}

describe('a logger that limits repeats', () => {
  test('lets a hot loop write one line per interval, and says how many it kept back', () => {
    const { logger, lines } = recording();
    let now = 0;
    const limited = limitRepeats(logger, 1_000, () => now);

    for (now = 0; now < 2_500; now += 1) limited.warn('driver is missing', { reason: 'x' });

    expect(lines).toEqual([
      ['driver is missing', { reason: 'x' }],
      ['driver is missing', { reason: 'x', suppressed: 999 }],
      ['driver is missing', { reason: 'x', suppressed: 999 }],
    ]);
  });

  test('does not keep back another message, and counts for its children too', () => {
    const { logger, lines } = recording();
    const limited = limitRepeats(logger, 1_000, () => 0);

    limited.warn('one');
    limited.child({ run: 'run_1' }).warn('one');
    limited.warn('two');

    expect(lines.map(([message]) => message)).toEqual(['one', 'two']);
  });
});
