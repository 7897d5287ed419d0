import { setTimeout as delay } from 'node:timers/promises';
import { RemoteUnavailable } from '../../kernel/errors.ts';

/** Tells what happens, one line a step with its time, on stderr, so that stdout stays for data. */
export interface Story {
  heading(text: string): void;
  /** Runs a step, shows that it is under way, and prints its line when it is done. A failure says in which step. */
  step<T>(title: string, run: () => Promise<T>, tell?: (result: T) => string): Promise<T>;
  note(text: string): void;
}

/** A story on a stream; on a terminal the running step is shown before it ends. */
export function createStory(out: NodeJS.WriteStream): Story {
  const begin = Date.now();
  const stamp = (): string => `${((Date.now() - begin) / 1000).toFixed(1).padStart(6)} s`;
  return {
    heading: (text) => out.write(`\n${text}\n`),
    note: (text) => out.write(`${' '.repeat(11)}${text}\n`),
    step: async (title, run, tell) => {
      const started = Date.now();
      if (out.isTTY) out.write(`${stamp()}  … ${title}`);
      try {
        const result = await run();
        const told = tell?.(result) ?? '';
        const took = `${((Date.now() - started) / 1000).toFixed(1)} s`;
        out.write(
          `${out.isTTY ? '\r\u001b[2K' : ''}${stamp()}  ${title}${told === '' ? '' : `: ${told}`} (${took})\n`,
        );
        return result;
      } catch (error) {
        out.write(`${out.isTTY ? '\r\u001b[2K' : ''}${stamp()}  ${title}: FAILED\n`);
        throw error;
      }
    },
  };
}

/** Asks again until there is an answer. Throws RemoteUnavailable, saying what was waited for, after `seconds`. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  seconds = 60,
): Promise<T> {
  const ends = Date.now() + seconds * 1000;
  while (Date.now() < ends) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await delay(100);
  }
  throw new RemoteUnavailable(
    `Waited ${seconds} s for ${what}, in vain. The logs of the home say more.`,
  );
}
