/** A call that its worker sent, and that may take effect until `until`. */
interface Call {
  readonly id: string;
  readonly externalId: string;
  readonly revision: number;
  readonly value: string;
  readonly until: number;
}

/** What a system holds under one external id. */
interface HeldRecord {
  readonly intentId: string;
  readonly value: string;
}

/** A system with a memory, which witnesses what took effect on it, and when. */
export interface LedgerVendor {
  apply(call: Call): void;
  /** The call is under way, and arrives when `arrive` says so, at last in the moment before it no longer may. */
  send(call: Call): void;
  arrive(): void;
  /** What still may come before this instant comes. */
  arriveBefore(now: number): void;
  isOnItsWay(): boolean;
  /** A person changes a record at the vendor's screen. */
  edit(externalId: string): void;
  holds(externalId: string): HeldRecord | undefined;
  /** What went wrong: an intent that took effect twice, a record that went back to an older revision. */
  readonly wrongs: readonly string[];
}

export function ledgerVendor(): LedgerVendor {
  const records = new Map<string, HeldRecord>();
  const effects = new Set<string>();
  const newest = new Map<string, number>();
  const wrongs: string[] = [];
  let under: readonly Call[] = [];
  let edits = 0;
  const apply = ({ id, externalId, revision, value }: Call): void => {
    if (effects.has(id)) wrongs.push(`revision ${revision} took effect twice`);
    if (revision < (newest.get(externalId) ?? 0)) wrongs.push(`revision ${revision} came after ${newest.get(externalId)}`); // prettier-ignore
    effects.add(id);
    newest.set(externalId, revision);
    records.set(externalId, { intentId: id, value });
  };
  const arriveIf = (comes: (call: Call, at: number) => boolean): void => {
    const [now, later] = [under.filter(comes), under.filter((call, at) => !comes(call, at))];
    under = later;
    for (const call of now) apply(call);
  };
  return {
    apply,
    send: (call) => {
      under = [...under, call];
    },
    arrive: () => arriveIf((_, at) => at === 0),
    arriveBefore: (now) => arriveIf(({ until }) => until <= now),
    isOnItsWay: () => under.length > 0,
    edit: (externalId) => {
      const held = records.get(externalId);
      edits += 1;
      if (held !== undefined) records.set(externalId, { ...held, value: `edited ${edits}` });
    },
    holds: (externalId) => records.get(externalId),
    wrongs,
  };
}
