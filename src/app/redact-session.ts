import { HubError } from '../kernel/errors.ts';
import type { ConnectorSession } from '../sdk/define-connector.ts';
import type { ListenOptions } from '../sdk/change-events.ts';
import type { WriteResult } from '../sdk/write.ts';

type Clean = (text: string) => string;

/**
 * The same session, with every text in which the other system's own words may stand gone through `clean`: messages of
 * errors, checks and results of writes. Records are data and stay as they are.
 */
export function redactSession(session: ConnectorSession, clean: Clean): ConnectorSession {
  const guarded =
    <Args extends readonly unknown[], T>(ask: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      try {
        return await ask(...args);
      } catch (error) {
        throw redactError(error, clean);
      }
    };
  return {
    check: guarded(async () =>
      (await session.check()).map((check) => ({
        ...check,
        detail: clean(check.detail),
        fix: check.fix === null ? null : clean(check.fix),
      })),
    ),
    describe: guarded((object) => session.describe(object)),
    openWindow: guarded((stream, since, carried) => session.openWindow(stream, since, carried)),
    readPage: guarded((stream, window, after, options) =>
      session.readPage(stream, window, after, options),
    ),
    countWindow: guarded((...args) => session.countWindow(...args)),
    listKeys: guarded((...args) => session.listKeys(...args)),
    readByIds: guarded((stream, ids) => session.readByIds(stream, ids)),
    ...proofOf(session, guarded),
    write: guarded(async (object, requests) =>
      (await session.write(object, requests)).map((result) => redactResult(result, clean)),
    ),
    readBack: guarded((object, externalIds, vendorIds) =>
      session.readBack(object, externalIds, vendorIds),
    ),
    ...(session.cancellations === undefined
      ? {}
      : { cancellations: guarded(session.cancellations.bind(session)) }),
    ...(session.listen === undefined
      ? {}
      : { listen: guarded(async (options: ListenOptions) => await session.listen?.(options)) }),
    close: guarded(() => session.close()),
  };
}

type Guard = <Args extends readonly unknown[], T>(
  ask: (...args: Args) => Promise<T>,
) => (...args: Args) => Promise<T>;

/** What a session may offer beyond counts and lists; absent stays absent. */
function proofOf(session: ConnectorSession, guarded: Guard): Partial<ConnectorSession> {
  const { keysPerAnswer } = session;
  const deletionsOf = session.deletionsOf?.bind(session);
  const caveatsOf = session.caveatsOf?.bind(session);
  return {
    ...(keysPerAnswer === undefined ? {} : { keysPerAnswer }),
    ...(deletionsOf === undefined ? {} : { deletionsOf: guarded(deletionsOf) }),
    ...(caveatsOf === undefined ? {} : { caveatsOf: guarded(caveatsOf) }),
  };
}

function redactResult(result: WriteResult, clean: Clean): WriteResult {
  if (result.kind === 'applied') return { ...result, warnings: result.warnings.map(clean) };
  const said = { code: clean(result.code), message: clean(result.message) };
  if (result.kind !== 'rejected') return { ...result, ...said };
  return { ...result, ...said, field: result.field === null ? null : clean(result.field) };
}

/**
 * What was thrown, with its texts cleaned. Our own errors stay the same object, with class and fields. Of any other only
 * name, message and code are kept: vendors' libraries hang requests with their headers on theirs.
 */
export function redactError(thrown: unknown, clean: Clean): Error {
  if (!(thrown instanceof Error)) return new Error(clean(String(thrown)));
  if (!(thrown instanceof HubError)) return plainError(thrown, clean);
  for (const name of Object.getOwnPropertyNames(thrown)) {
    const value: unknown = Reflect.get(thrown, name);
    const kept = value instanceof Error ? plainError(value, clean) : redactValue(value, clean);
    if (kept !== value) Reflect.set(thrown, name, kept);
  }
  return thrown;
}

function plainError(error: Error, clean: Clean): Error {
  const { name, message, cause } = error;
  const code: unknown = 'code' in error ? error.code : undefined;
  const plain = new Error(clean(message), cause instanceof Error ? { cause: plainError(cause, clean) } : {}); // prettier-ignore
  return Object.assign(plain, {
    name,
    stack: clean(error.stack ?? ''),
    ...(typeof code === 'string' ? { code: clean(code) } : {}),
  });
}

function redactValue(value: unknown, clean: Clean): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map((each) => redactValue(each, clean));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [name, redactValue(child, clean)]),
  );
}
