import type { Fact } from '../fact.ts';

/** A machine as one source knows it: something that people use, or a server. */
export type MachineFact = Fact<'device'> | Fact<'host'>;

/** One source's record of a machine, by which rule it belongs to the machine and on what evidence. */
export interface MachineLink {
  readonly connection: string;
  readonly noun: 'device' | 'host';
  readonly externalRef: string;
  /** The machine's key: the serial number, a name within an organisation, or the record itself. */
  readonly machineKey: string;
  /** `own`: nothing else is known of this machine. */
  readonly method: 'serialNumber' | 'hostName' | 'own';
  /** 0 to 1; below 0.8 the records are shown side by side and count as two machines. */
  readonly confidence: number;
  /** Ids of the facts that the rule compared. */
  readonly evidence: readonly string[];
}

/** A record that may belong to another one, and why no rule says so. */
export interface UnresolvedMachine {
  readonly connection: string;
  readonly noun: 'device' | 'host';
  readonly externalRef: string;
  readonly reason: 'serial_shared' | 'name_shared' | 'serial_contradicts_name';
  /** The machines between which the rules could not decide. */
  readonly candidates: readonly string[];
}

export interface MachineIdentities {
  readonly links: readonly MachineLink[];
  readonly unresolved: readonly UnresolvedMachine[];
}

/** What stands in serial number fields where there is none (DMI defaults of board makers, and people's habits). */
const JUNK = new Set(['TO BE FILLED BY O.E.M.', 'TO BE FILLED BY OEM', 'DEFAULT STRING', 'SYSTEM SERIAL NUMBER', 'NOT SPECIFIED', 'NOT APPLICABLE', 'NONE', 'N/A', 'UNKNOWN', 'CHASSIS SERIAL NUMBER', 'INVALID', 'EMPTY', '123456789', '0123456789']); // prettier-ignore
const SHORTEST = 5;

/** The comparable form of a serial number; null for a text that identifies nothing. */
export function normaliseSerial(text: string | undefined): string | null {
  const serial = (text ?? '').normalize('NFC').trim().toUpperCase().replaceAll(/\s+/g, ' ');
  if (serial.length < SHORTEST || JUNK.has(serial)) return null;
  return /^(.)\1*$/.test(serial) ? null : serial;
}

/** The comparable form of a host name: no case, no final dot; null where there is none. */
export function normaliseHostName(text: string): string | null {
  const name = text.normalize('NFC').trim().toLowerCase().replace(/\.$/, '');
  return /^[a-z0-9][a-z0-9._-]*$/.test(name) ? name : null;
}
