import {
  normaliseHostName,
  normaliseSerial,
  type MachineFact,
  type MachineIdentities,
  type MachineLink,
  type UnresolvedMachine,
} from './machines.ts';

/** A full name (`db1.example.com`) is one machine's; a short one may be anybody's. */
const CONFIDENCE = { serialNumber: 1, fullName: 0.85, shortName: 0.6, own: 1 } as const;

interface Machine {
  readonly fact: MachineFact;
  readonly id: string;
  readonly serial: string | null;
  /** Name and organisation: the same name in another company is another machine. */
  readonly place: string | null;
  readonly isFullName: boolean;
}

const compare = (left: string, right: string): number => (left < right ? -1 : Number(left > right));
const idOf = ({ connection, noun, externalRef }: MachineFact): string =>
  `${connection}/${noun}/${externalRef}`;

function machineOf(fact: MachineFact): Machine {
  const device = fact.noun === 'device' ? fact.body : null;
  const name = normaliseHostName(fact.body.name);
  const organization = device?.organizationRef?.trim().toLowerCase() ?? '';
  return {
    fact,
    id: idOf(fact),
    serial: normaliseSerial(device?.serialNumber),
    place: name === null ? null : JSON.stringify([organization, name]),
    isFullName: name?.includes('.') === true,
  };
}

/**
 * Finds which records of several sources are one machine. Pure; the order of the input does not matter.
 *
 * 1. `serialNumber`: the same serial number, unless it is one of those that stand for none (confidence 1). Two records of
 *    one source with one serial number link nothing by it: one of them is wrong.
 * 2. `hostName`: the same name in the same organisation, at most one record of each source: 0.85 for a full name, 0.6 for
 *    a short one. Two different serial numbers contradict a name.
 * Nothing that only looks alike is merged; what a rule could not decide is named with its candidates.
 */
export function linkMachines(facts: readonly MachineFact[]): MachineIdentities {
  const machines = facts.map(machineOf).toSorted((left, right) => compare(left.id, right.id));
  const unresolved: UnresolvedMachine[] = [];
  const bySerial = linkBySerial(machines, unresolved);
  const links = linkByName(machines, bySerial, unresolved);
  return { links, unresolved };
}

function sourcesAreDistinct(group: readonly Machine[]): boolean {
  return new Set(group.map(({ fact }) => fact.connection)).size === group.length;
}

/** The machine key of each record whose serial number is its own. */
function linkBySerial(
  machines: readonly Machine[],
  unresolved: UnresolvedMachine[],
): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  const groups = Map.groupBy(machines, ({ serial }) => serial);
  for (const [serial, group] of groups) {
    if (serial === null) continue;
    if (sourcesAreDistinct(group)) for (const { id } of group) keys.set(id, `serial:${serial}`);
    else for (const machine of group) unresolved.push(open(machine, 'serial_shared', group));
  }
  return keys;
}

function open(
  { fact }: Machine,
  reason: UnresolvedMachine['reason'],
  candidates: readonly Machine[],
): UnresolvedMachine {
  const { connection, noun, externalRef } = fact;
  return { connection, noun, externalRef, reason, candidates: candidates.map(({ id }) => id) };
}

function linkByName(
  machines: readonly Machine[],
  keys: ReadonlyMap<string, string>,
  unresolved: UnresolvedMachine[],
): readonly MachineLink[] {
  const groups = Map.groupBy(machines, ({ place }) => place);
  return machines.map((machine) => {
    const key = keys.get(machine.id);
    if (key !== undefined) {
      const same = machines.filter(({ id }) => keys.get(id) === key);
      return link(machine, key, 'serialNumber', CONFIDENCE.serialNumber, same);
    }
    const alike = machine.place === null ? [] : (groups.get(machine.place) ?? []);
    return alike.length < 2 ? own(machine) : named(machine, alike, keys, unresolved);
  });
}

/** A record whose own serial number says nothing, among those of its name. */
function named(
  machine: Machine,
  alike: readonly Machine[],
  keys: ReadonlyMap<string, string>,
  unresolved: UnresolvedMachine[],
): MachineLink {
  const known = new Set(alike.flatMap(({ id }) => keys.get(id) ?? []));
  if (machine.serial !== null && known.size > 0) {
    unresolved.push(open(machine, 'serial_contradicts_name', alike));
    return own(machine);
  }
  if (!sourcesAreDistinct(alike) || known.size > 1) {
    unresolved.push(open(machine, 'name_shared', alike));
    return own(machine);
  }
  const [key = `name:${machine.place ?? ''}`] = known;
  const confidence = machine.isFullName ? CONFIDENCE.fullName : CONFIDENCE.shortName;
  return link(machine, key, 'hostName', confidence, alike);
}

function own(machine: Machine): MachineLink {
  return link(machine, `record:${machine.id}`, 'own', CONFIDENCE.own, [machine]);
}

function link(
  { fact }: Machine,
  machineKey: string,
  method: MachineLink['method'],
  confidence: number,
  compared: readonly Machine[],
): MachineLink {
  const { connection, noun, externalRef } = fact;
  const evidence = compared.map((each) => each.fact.factId).toSorted(compare);
  return { connection, noun, externalRef, machineKey, method, confidence, evidence };
}
