import { createHash } from 'node:crypto';
import { QuantityText } from '../canonical/fields.ts';
import type { UsageObservation } from '../canonical/usage-observation.ts';
import type { TenantTx } from '../db/store.ts';
import { countUse, type CountedUse } from '../intake/usage/count-use.ts';
import type { PublishedDefinition } from '../intake/usage/definition.ts';
import { hideSubjects } from '../intake/usage/hide-subjects.ts';
import { instancesNamed, type RegisteredInstance } from '../intake/usage/product-instances.ts';
import {
  replaceUnattributed,
  type UnattributedReason,
  type UnattributedUse,
} from '../intake/usage/unattributed.ts';
import { addDays, type LocalDate } from '../kernel/dates.ts';
import { hashJson } from '../kernel/hash.ts';
import { base32 } from '../kernel/ids.ts';
import { recordFacts } from '../ledger/facts.ts';
import { isPseudonym, type Pseudonymize } from '../security/usage-keys.ts';

/** The connection name of facts that were counted from events; no connection of a company can have it. */
const USAGE = 'trueup/telemetry';

/** One day of one definition, to be counted. `definition` is null if no version of it counts on that day. */
export interface WindowToDerive {
  readonly name: string;
  readonly day: LocalDate;
  readonly definition: PublishedDefinition | null;
}

/**
 * Counts one day of a definition and replaces what was known of it: one observation an instance and subject, each with
 * the version that it was counted by, and what counts for nobody with the reason. The same events and definitions give
 * the same facts, however often and in which order it is done.
 */
export async function deriveWindow(
  tx: TenantTx,
  { name, day, definition }: WindowToDerive,
  pseudonymize: Pseudonymize,
): Promise<void> {
  if (definition !== null) await hideSubjects(tx, definition.document, day, pseudonymize);
  const groups = definition === null ? [] : await countUse(tx, definition.document, day);
  const named = [...new Set(groups.flatMap(({ instance }) => instance ?? []))];
  const instances = await instancesNamed(tx, named);
  const observations: UsageObservation[] = [];
  const unattributed: UnattributedUse[] = [];
  for (const group of groups) {
    if (definition === null) continue;
    const instance = instances.get(group.instance ?? '');
    const reason = reasonAgainst(definition, group, instance);
    if (reason !== null) unattributed.push(unattributedUse(group, reason, ownerOf(definition)));
    else if (instance !== undefined)
      observations.push(observationOf({ definition, day, group, instance, pseudonymize }));
  }
  await recordFacts(
    tx,
    {
      connection: USAGE,
      stream: name,
      mappingId: `usage/${name}`,
      mappingVersion: definition?.version ?? 0,
    },
    [
      {
        recordId: day,
        recordHash: hashJson(observations),
        facts: observations.map((body) => ({ noun: 'usageObservation', body })),
      },
    ],
  );
  const type = definition?.document.eventType ?? '';
  await replaceUnattributed(tx, { type, definition: name, day }, unattributed);
}

function reasonAgainst(
  { document }: PublishedDefinition,
  group: CountedUse,
  instance: RegisteredInstance | undefined,
): UnattributedReason | null {
  if (group.instance === null) return 'no_instance';
  if (instance === undefined) return 'unknown_instance';
  if (document.subject !== null && group.subject === null) return 'no_subject';
  if (group.value === null) return 'no_value';
  return QuantityText.safeParse(group.value).success ? null : 'out_of_range';
}

function ownerOf({ document, publishedBy }: PublishedDefinition): string {
  return document.owner === undefined ? publishedBy : `person:${document.owner}`;
}

function unattributedUse(
  group: CountedUse,
  reason: UnattributedReason,
  owner: string,
): UnattributedUse {
  const { source, instance, events } = group;
  return { reason, source, instance: (instance ?? '').slice(0, 255), events, owner };
}

interface Counted {
  readonly definition: PublishedDefinition;
  readonly day: LocalDate;
  readonly group: CountedUse;
  readonly instance: RegisteredInstance;
  readonly pseudonymize: Pseudonymize;
}

function observationOf({
  definition: { name, version, document },
  day,
  group,
  instance,
  pseudonymize,
}: Counted): UsageObservation {
  const subject =
    document.subject === null ? null : subjectOf(document.subject.type, group, pseudonymize);
  const key = createHash('sha256')
    .update(JSON.stringify([instance.id, subject]))
    .digest();
  return {
    externalRef: `${name}/${day}/${base32(key).slice(0, 26)}`,
    posture: instance.posture,
    subjectType: document.subject?.type ?? 'instance',
    subjectRef: subject ?? instance.id,
    skuCode: document.skuCode ?? instance.skuCode,
    ...(instance.customerRef === null ? {} : { customerRef: instance.customerRef }),
    kind: document.kind,
    quantity: group.value ?? '0',
    observedAt: group.last.toISOString(),
    from: `${day}T00:00:00Z`,
    to: `${addDays(day, 1)}T00:00:00Z`,
    metricCode: document.metric,
    unit: document.unit,
    schemaVersion: `${name}@${version}`,
  };
}

/** An account may be named by the source itself, which is no pseudonym. */
function subjectOf(
  type: 'account' | 'device' | 'host',
  { subject }: CountedUse,
  pseudonymize: Pseudonymize,
): string {
  const text = subject ?? '';
  if (type === 'account' && !isPseudonym(text)) return pseudonymize(text);
  return text.slice(0, 255);
}
