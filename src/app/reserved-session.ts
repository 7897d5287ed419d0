import type { ConnectorSession } from '../sdk/define-connector.ts';
import { forClosedWon } from './call-purpose.ts';

/** The same session, every call of which may touch the reserve that its connection's budget keeps for closed-won deals. */
export function reservedSession(session: ConnectorSession): ConnectorSession {
  const reserved =
    <Args extends readonly unknown[], T>(ask: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> =>
      forClosedWon(() => ask(...args));
  return {
    ...session,
    check: reserved(() => session.check()),
    describe: reserved((object) => session.describe(object)),
    openWindow: reserved((stream, since, carried) => session.openWindow(stream, since, carried)),
    readPage: reserved((stream, window, after, options) =>
      session.readPage(stream, window, after, options),
    ),
    countWindow: reserved((...args) => session.countWindow(...args)),
    listKeys: reserved((...args) => session.listKeys(...args)),
    readByIds: reserved((stream, ids) => session.readByIds(stream, ids)),
    ...(session.deletionsOf === undefined
      ? {}
      : { deletionsOf: reserved(session.deletionsOf.bind(session)) }),
    ...(session.caveatsOf === undefined
      ? {}
      : { caveatsOf: reserved(session.caveatsOf.bind(session)) }),
    write: reserved((object, requests) => session.write(object, requests)),
    readBack: reserved((object, externalIds, vendorIds) =>
      session.readBack(object, externalIds, vendorIds),
    ),
  };
}
