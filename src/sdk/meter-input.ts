import type { LocalDate } from '../kernel/dates.ts';
import type { Quantity } from '../kernel/quantity.ts';
import type { Rational } from '../kernel/rational.ts';

/** One person or login that holds or uses a product. */
export interface MetricSubject {
  /** The person when the identity graph knows one, else the login: what the metric counts distinctly. */
  readonly subjectId: string;
  readonly kind: 'human' | 'service' | 'shared' | 'unknown';
  /** True if the login is active in the source. */
  readonly active: boolean;
  /** True if a seat is assigned; false for observed use without one. */
  readonly assigned: boolean;
  readonly quantity: Quantity;
  /** Ids of the facts that this subject rests on. */
  readonly evidence: readonly string[];
}

/** One machine of people on which the product is installed or from which it is reached. */
export interface MetricDevice {
  readonly deviceId: string;
  readonly kind: 'desktop' | 'laptop' | 'mobile' | 'kiosk' | 'scanner' | 'other';
  readonly primaryUserId: string | null;
  /** Everybody who reaches the product from it. */
  readonly userIds: readonly string[];
  /** Installed copies; 0 where the product is only reached from it. */
  readonly installs: number;
  readonly environment: 'prod' | 'nonprod';
  readonly evidence: readonly string[];
}

/** A virtual machine that runs the product, or that may. */
export interface MetricVm {
  readonly vmId: string;
  readonly vCpus: number;
  readonly environment: 'prod' | 'nonprod';
  readonly evidence: readonly string[];
}

/** A physical server, or a cloud, with the virtual machines of the product on it. */
export interface MetricServer {
  readonly serverId: string;
  readonly clusterId: string | null;
  readonly cloud: 'none' | 'aws' | 'azure' | 'gcp';
  /** Processors that are fitted; null where nobody says. */
  readonly sockets: number | null;
  readonly coresPerSocket: number | null;
  readonly threadsPerCore: number | null;
  readonly processorModel: string | null;
  /** True if the product is installed on the server itself. */
  readonly runsDirectly: boolean;
  readonly vms: readonly MetricVm[];
  readonly environment: 'prod' | 'nonprod';
  readonly evidence: readonly string[];
}

/** A floating licence held on `[from, to)`, in milliseconds since 1970. */
export interface MetricSession {
  readonly sessionId: string;
  readonly server: string | null;
  readonly feature: string;
  readonly userId: string | null;
  readonly quantity: Quantity;
  readonly from: number;
  readonly to: number;
  /** True if its end was not reported but concluded. */
  readonly inferred: boolean;
  readonly evidence: readonly string[];
}

/** A licence server that said no. */
export interface MetricDenial {
  readonly at: number;
  readonly feature: string;
  readonly userId: string | null;
  readonly requested: Quantity;
  /** True if there were too few licences, and not another reason. */
  readonly isCapacity: boolean;
  readonly evidence: readonly string[];
}

/** A quantity that was metered over `[from, to)`, or at an instant. */
export interface MetricReading {
  readonly subjectId: string;
  readonly quantity: Quantity;
  readonly from: number;
  readonly to: number;
  readonly environment: 'prod' | 'nonprod';
  readonly evidence: readonly string[];
}

/** A dated table of factors, such as those of processors. */
export interface FactorTable {
  readonly edition: string;
  /** Null for a key that the table does not hold. */
  factor(key: string): Rational | null;
  /** The factor that costs most: what counts where nobody knows the key. */
  readonly worst: Rational | null;
}

/** What a metric counts: the demand of one owner for one product. Every list is in the order of ids. */
export interface MeterInput {
  readonly asOf: LocalDate;
  /** The time over which peaks and averages are taken, half-open, in milliseconds since 1970. */
  readonly window: { readonly from: number; readonly to: number };
  readonly subjects: readonly MetricSubject[];
  readonly devices: readonly MetricDevice[];
  readonly servers: readonly MetricServer[];
  readonly sessions: readonly MetricSession[];
  readonly denials: readonly MetricDenial[];
  readonly readings: readonly MetricReading[];
  /** A table by its name, as it was in force on the day; null where there is none. */
  readonly factorTable: (name: string) => FactorTable | null;
}
