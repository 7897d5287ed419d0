import type { AxiosInstance, CreateAxiosDefaults } from 'axios';
import type * as z from 'zod';
import type { Clock } from '../kernel/clock.ts';
import type { JsonObject } from '../kernel/hash.ts';
import type { Logger } from '../kernel/logger.ts';
import type { ListenOptions } from './change-events.ts';
import type { ChangeLog } from './change-log.ts';
import type { PushScheme } from './push.ts';
import type { Page, PageOptions, PageToken, ReadWindow, RecordKey, RecordsById } from './record.ts';
import type { CancellationOffer, ReadBackRecord, WriteRequest, WriteResult } from './write.ts';

/**
 * What a system is to the business; a flow asks for "the ERP", not for NetSuite. `usage`: licence servers and the seat
 * lists of bought software. `assets`: devices, hosts and what is installed on them.
 */
export type ConnectorRole = 'crm' | 'erp' | 'directory' | 'file' | 'usage' | 'assets';

/** A readable object of the vendor, named as the vendor names it (`Opportunity`, `salesOrder`, `Users`). */
export interface StreamDefinition {
  readonly name: string;
  readonly title: string;
  /** `keyset`: read by (stamp, id) with an overlap window. `full`: the source has no usable stamp. */
  readonly cursor: 'keyset' | 'full';
  /** Records per page at most; one page is one transaction of ours. */
  readonly pageSize: number;
  /** True if records name people. */
  readonly personalData: boolean;
  /** Landed as evidence and shown by traces, such as a change log; no mapping makes facts of it. */
  readonly raw?: boolean;
  /** How the records of a change log are read. */
  readonly changeLog?: ChangeLog;
  /** Streams that are read along when the vendor pushes a change of this object; its own is always read. */
  readonly related?: readonly string[];
}

/** A writable object of the vendor. Every write goes by the external id and carries the intent id. */
export interface WriterDefinition {
  readonly object: string;
  readonly title: string;
  /**
   * Vendor fields that hold our two ids, as installed by the connector's field package. Null where the vendor has none
   * for them: a record is then known by the vendor's own id alone, and reading back proves by values.
   */
  readonly externalIdField: string | null;
  readonly intentField: string | null;
  /** Records per call at most. */
  readonly batch: number;
  /** Money or rights: each write is read back, always. */
  readonly money: boolean;
  /** Fields that later calls than the record's own write: a write that broke off leaves them behind. */
  readonly partFields?: readonly string[];
  /** The vendor is called once for each record of a batch, not once for all of them. */
  readonly oneByOne?: boolean;
  /**
   * The field of `WriteRequest.fields` with the record whose row the vendor locks along with this one, such as the account of
   * a contract; `Id` where it is the record itself. What shares a parent is not written by two calls at once.
   */
  readonly parentField?: string;
  /** True where no shipped mapping writes it: a company says by a mapping of its own what it is for. */
  readonly byOwnMapping?: boolean;
  /** How the vendor cancels a record that we made, in words: `closed as lost`. Absent where it cannot. */
  readonly cancel?: string;
}

/** How one kind of record can show what became of it here: three fields that an administrator installs if they want to. */
export interface StatusWriter {
  /** The name of the target, such as `Opportunity.status`: kept apart from the record's own writer. */
  readonly object: string;
  /** The object whose records carry the fields. */
  readonly of: string;
  /** True where the records are deals, which plans are about. */
  readonly deals?: boolean;
  /** Records per call at most. */
  readonly batch: number;
  readonly oneByOne?: boolean;
  /** The vendor's names of the fields. */
  readonly fields: { readonly status: string; readonly message: string; readonly link: string };
}

/** How many characters of a message fit in its field. */
export const STATUS_MESSAGE_LENGTH = 255;

const STATUS_SUFFIX = '.status';

/** The object whose records a target shows a status on; null where it is no such target. */
export function statusObject(target: string): string | null {
  return target.endsWith(STATUS_SUFFIX) ? target.slice(0, -STATUS_SUFFIX.length) : null;
}

/** The limits that one connection keeps towards its vendor. */
export interface ConnectorLimits {
  /** Calls in flight at most. */
  readonly concurrency: number;
  /** No call lasts longer, and no call of a write starts later than this after the write began. */
  readonly timeoutMs: number;
  /** Answers larger than this are refused. */
  readonly maxResponseBytes: number;
}

/** One line of `connections check`: what was tried, and how to mend it. */
export interface ConnectionCheck {
  /** For example `login`, `read Opportunity`, `write Contract.Trueup_Id__c`. */
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What an administrator does about it; null when all is well. */
  readonly fix: string | null;
}

export interface FieldDescription {
  readonly name: string;
  readonly label: string;
  /** The vendor's own type name. */
  readonly type: string;
  readonly required: boolean;
  readonly readOnly: boolean;
  readonly custom: boolean;
  readonly key: boolean;
  readonly picklist: readonly string[];
  readonly reference: string | null;
}

export interface ObjectDescription {
  readonly object: string;
  readonly label: string;
  readonly fields: readonly FieldDescription[];
}

/**
 * How a connector reaches the network. `http` gives an axios instance whose every connection is checked:
 * host allowed, address parsed, resolved, classified and pinned, no redirects, size and time limits.
 */
export interface Egress {
  http(defaults: CreateAxiosDefaults): AxiosInstance;
  /** Throws a ForbiddenError unless the URL's host may be called; for vendor libraries with their own client. */
  assertAllowed(url: string): Promise<void>;
  /**
   * A guarded `undici`-compatible connect lookup for vendor libraries: resolves a host and returns only allowed
   * addresses, so a name cannot change between check and connect.
   */
  lookup(
    hostname: string,
    options: unknown,
    callback: (error: Error | null, address?: unknown, family?: number) => void,
  ): void;
}

/** Stores the renewed secrets, whole; they are safe once it resolves. Written so that a definition stays assignable. */
type SaveSecrets<Secrets> = { save(next: Secrets): Promise<void> }['save'];

/**
 * The sealed secrets of one connection, for a login that changes them: a refresh token that the vendor replaces at each
 * use, or an access token that several processes share.
 */
export interface Vault<Secrets> {
  /**
   * Runs `use` while no other worker, here or in another process, renews the same connection's secrets, with those that
   * are stored now: look first whether they are newer than your own, and only then ask the vendor. `save` before using
   * what the vendor gave. Keep `use` short; calls wait for each other. Throws RemoteUnavailable when the wait took too
   * long; `save` throws StaleError when a person stored other secrets meanwhile: theirs stay, this session ends.
   */
  fresh<T>(use: (secrets: Secrets, save: SaveSecrets<Secrets>) => Promise<T>): Promise<T>;
}

/** What a vendor says of its own count of our calls, such as Salesforce's `Sforce-Limit-Info` header. */
export interface VendorUsage {
  readonly used: number;
  readonly limit: number;
}

export interface ConnectorContext<Config, Secrets> {
  /** The connection's name in this tenant. */
  readonly connection: string;
  readonly config: Config;
  /** As they were when the session was opened; `vault` knows newer ones. */
  readonly secrets: Secrets;
  readonly vault: Vault<Secrets>;
  readonly egress: Egress;
  /** Tells the vendor's own count of calls, whenever an answer carries it. Costs nothing; never throws. */
  reportUsage(usage: VendorUsage): void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * An open connection. Every method throws one of the five remote errors (RemoteUnavailable, RateLimited,
 * AuthExpired, RemoteRejected, Conflict) and nothing else on a remote failure.
 */
export interface ConnectorSession {
  /**
   * Login, each stream readable, each written object and package field writable, each limit known. What passes by
   * itself (`isPassing`) is thrown: an outage is no failed check.
   */
  check(): Promise<readonly ConnectionCheck[]>;
  describe(object: string): Promise<ObjectDescription>;
  /**
   * Freezes what a read will cover, before its first page. `since` is the last certified upper bound
   * (null: never read); an incremental window starts one overlap before it. `carried` is what the window that ended
   * there gave to carry on; null where it gave nothing.
   */
  openWindow(
    stream: string,
    since: string | null,
    carried?: JsonObject | null,
  ): Promise<ReadWindow>;
  /** `options.limit` may change from page to page; a page token means the same under each. */
  readPage(
    stream: string,
    window: ReadWindow,
    after: PageToken | null,
    options?: PageOptions,
  ): Promise<Page>;
  /**
   * What the source says the window holds, asked after the last page; null when it cannot say. `signal` ends what is left
   * to do for it: the worker stops, or lost the read.
   */
  countWindow(stream: string, window: ReadWindow, signal?: AbortSignal): Promise<number | null>;
  /**
   * The id and stamp of every record that the window holds, spelled as `readPage` spells them: to name what is missing,
   * moved or stale. Null when the source cannot list them. `signal` as that of `countWindow`.
   */
  listKeys(
    stream: string,
    window: ReadWindow,
    signal?: AbortSignal,
  ): Promise<readonly RecordKey[] | null>;
  /**
   * So many keys come with one answer of `listKeys`, which then costs no more calls than counting: a window of no more
   * records is listed instead of counted. Absent: keys are listed only where counts differ.
   */
  readonly keysPerAnswer?: number;
  /**
   * Of these ids, those whose deletion the vendor's own log tells: evidence that they are gone, and not hidden from the
   * login. Asked before a read ends many records at once. Absent where there is no such log.
   */
  deletionsOf?(stream: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** What a window that closed cannot prove with this login, in words for a certificate; asked after the last page. */
  caveatsOf?(stream: string, window: ReadWindow): Promise<readonly string[]>;
  /**
   * Reads records by id whatever their stamp. A record that is gone comes as a tombstone, one that is there and cannot
   * be landed as unreadable. Left out are ids of which the source says nothing.
   */
  readByIds(stream: string, ids: readonly string[]): Promise<RecordsById>;
  /**
   * Sends at most one batch. One result per request, in order; a failure in the middle is the result of the requests
   * that it leaves open. A thrown error leaves every request unknown, unless its `details.nothingApplied` is true.
   */
  write(object: string, requests: readonly WriteRequest[]): Promise<readonly WriteResult[]>;
  /** What the vendor holds now under these external ids; ids that it does not know are left out. */
  readBack(
    object: string,
    externalIds: readonly string[],
    /** Records that we did not make are known by the vendor's own ids, also before we wrote them. */
    vendorIds?: readonly string[],
  ): Promise<readonly ReadBackRecord[]>;
  /**
   * How each of these records that we made would be cancelled in the vendor's own way, as its state is now, or why it
   * cannot be. Writes nothing: what it gives goes through `write`. For objects whose writer says `cancel`.
   */
  cancellations?(
    object: string,
    externalIds: readonly string[],
  ): Promise<readonly CancellationOffer[]>;
  /** Hears of changes until the signal ends it; throws when the connection to the vendor breaks, to be called again. */
  listen?(options: ListenOptions): Promise<void>;
  close(): Promise<void>;
}

/** A connector: one folder below `connectors/`, its manifest the default export of `index.ts`. */
export interface ConnectorDefinition<Config = unknown, Secrets = unknown> {
  /** The folder's name. */
  readonly id: string;
  readonly title: string;
  readonly role: ConnectorRole;
  /** Settings that may be shown. Every field carries `.describe()`. */
  readonly config: z.ZodType<Config>;
  /** Settings that are sealed and never shown again. Every field carries `.describe()`. */
  readonly secrets: z.ZodType<Secrets>;
  readonly streams: readonly StreamDefinition[];
  readonly writers: readonly WriterDefinition[];
  /** Records that can show a status. `write` and `readBack` take their targets too, by the vendor's own ids. */
  readonly shows?: readonly StatusWriter[];
  readonly limits: ConnectorLimits;
  /** The streams that a connection with this config reads; absent: all of them. */
  streamsOf?(config: Config): readonly string[];
  /** The streams whose changes a connection with this config listens to; absent or empty: it does not listen. */
  listensTo?(config: Config): readonly string[];
  /** The vendor's own way of pushing, at `/hooks/{connection}/{token}`. */
  readonly push?: PushScheme<Config>;
  /** Hosts that this connection may call, such as `*.my.salesforce.com`; empty for connectors without network. */
  hosts(config: Config): readonly string[];
  open(context: ConnectorContext<Config, Secrets>): Promise<ConnectorSession>;
}

/** Declares a connector. The registry checks the shape at start and names the file that does not fit. */
export function defineConnector<Config, Secrets>(
  definition: ConnectorDefinition<Config, Secrets>,
): ConnectorDefinition<Config, Secrets> {
  return definition;
}
