// Loaded before the tests of a whole run: cases are about what happens, not about how busy the machine is, so every limit
// that a test or a hook names for itself is a longer one here. jest-circus keeps under this symbol whom it tells of events.

const FACTOR = 6;

interface Limited {
  timeout?: number | undefined;
}
interface CircusEvent {
  readonly name: string;
  readonly test?: Limited;
  readonly hook?: Limited;
}

const handlers: unknown = Reflect.get(globalThis, Symbol.for('EVENT_HANDLERS'));
if (!Array.isArray(handlers)) throw new Error('This jest tells nobody when a test begins.');

const lengthened = new WeakSet<Limited>();
handlers.push(({ name, test, hook }: CircusEvent) => {
  const limited = name === 'test_fn_start' ? test : name === 'hook_start' ? hook : undefined;
  // One hook runs before many tests.
  if (limited?.timeout === undefined || lengthened.has(limited)) return;
  lengthened.add(limited);
  limited.timeout *= FACTOR;
});
