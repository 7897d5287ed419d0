const MOST_DEPTH = 20;
const MOST_MEMBERS = 1_000;
/** Of names and texts. CloudEvents §5 asks every carrier for events of 64 KB. */
const MOST_CHARACTERS = 64 * 1024;
const PROTOTYPE_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Why data is not kept. */
export interface DataFault {
  readonly code: 'unsafe_member' | 'too_deep' | 'too_large' | 'bad_text';
  readonly reason: string;
}

/** What of an event's data is personal, and what stands in its place. */
export interface Personal {
  /** Names of members, in lower case, that hold somebody's name. */
  readonly members: ReadonlySet<string>;
  readonly pseudonymize: (name: string) => string;
}

/** What was seen of some data so far, and what lies a level below. */
interface Tally {
  members: number;
  characters: number;
  below: object[];
}

/** Looks through parsed data for what cannot be kept and returns it, or null. Never recurses, whatever it is given. */
export function screenData(data: unknown): DataFault | null {
  if (typeof data === 'string') return textFault(data);
  if (typeof data !== 'object' || data === null) return null;
  const tally: Tally = { members: 0, characters: 0, below: [data] };
  for (let depth = 1; tally.below.length > 0; depth += 1) {
    if (depth > MOST_DEPTH)
      return { code: 'too_deep', reason: `its data nests deeper than ${MOST_DEPTH} levels` };
    const level = tally.below;
    tally.below = [];
    for (const holder of level) {
      const fault = screenHolder(holder, tally);
      if (fault !== null) return fault;
    }
  }
  return null;
}

function screenHolder(holder: object, tally: Tally): DataFault | null {
  const fault = Array.isArray(holder)
    ? screenItems(holder, tally)
    : screenMembers(holder as Readonly<Record<string, unknown>>, tally);
  if (fault !== null) return fault;
  if (tally.members <= MOST_MEMBERS && tally.characters <= MOST_CHARACTERS) return null;
  return {
    code: 'too_large',
    reason: `its data has more than ${MOST_MEMBERS} members or ${MOST_CHARACTERS} characters`,
  };
}

function screenItems(items: readonly unknown[], tally: Tally): DataFault | null {
  for (const item of items) {
    const fault = screenValue(item, tally);
    if (fault !== null) return fault;
  }
  return null;
}

function screenMembers(holder: Readonly<Record<string, unknown>>, tally: Tally): DataFault | null {
  for (const name in holder) {
    tally.characters += name.length;
    const value = screenValue(holder[name], tally);
    const fault = nameFault(name) ?? value;
    if (fault !== null) return fault;
  }
  return null;
}

function screenValue(value: unknown, tally: Tally): DataFault | null {
  tally.members += 1;
  if (typeof value === 'string') {
    tally.characters += value.length;
    return textFault(value);
  }
  if (typeof value === 'object' && value !== null) tally.below.push(value);
  return null;
}

/** Puts pseudonyms in the place of personal texts and numbers, in place: screened data, parsed for this alone. */
export function hidePersons(data: unknown, personal: Personal): void {
  const open = [data];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    const holder = next as Record<string, unknown>;
    for (const name of Object.keys(holder)) {
      if (personal.members.has(name.toLowerCase())) holder[name] = hidden(holder[name], personal);
      else if (typeof holder[name] === 'object') open.push(holder[name]);
    }
  }
}

/** Below a personal member texts in lists are personal too; members of an object are looked at by their own names. */
function hidden(value: unknown, personal: Personal): unknown {
  if (typeof value === 'string' || typeof value === 'number')
    return personal.pseudonymize(String(value));
  if (Array.isArray(value)) return value.map((each) => hidden(each, personal));
  hidePersons(value, personal);
  return value;
}

/** Names that were found to be good: the same few come with every event. */
const goodNames = new Set<string>();
const MOST_NAMES = 1_000;
const LONG_NAME = 64;

function nameFault(name: string): DataFault | null {
  if (goodNames.has(name)) return null;
  const fault = strangeName(name);
  if (fault === null && name.length <= LONG_NAME && goodNames.size < MOST_NAMES) goodNames.add(name); // prettier-ignore
  return fault;
}

function strangeName(name: string): DataFault | null {
  if (!PROTOTYPE_NAMES.has(name)) return textFault(name);
  return { code: 'unsafe_member', reason: `its data has a member named ${name}` };
}

function textFault(text: string): DataFault | null {
  if (!text.includes('\0') && text.isWellFormed()) return null;
  return { code: 'bad_text', reason: 'a text holds a NUL character or half of a surrogate pair' };
}
