import type { AuditEvent } from '../audit/list-audit.ts';
import type { IncidentEvent } from '../delivery/incident-timeline.ts';
import type { Incident } from '../delivery/incidents.ts';
import type { Money } from '../kernel/money.ts';

/** An incident told from its beginning to its end, for whoever was not there. */
export interface Narrative {
  readonly incident: Omit<Incident, 'owner'> & {
    readonly owner: { readonly id: string; readonly name: string } | null;
  };
  readonly timeline: readonly IncidentEvent[];
  /** What the audit knows that was done meanwhile to what it touches, oldest first; null for who may not read it. */
  readonly actions: readonly AuditEvent[] | null;
  /** Names of the people in it, by `person:<id>`. */
  readonly people: Readonly<Record<string, string>>;
  /** How long it lasted, in minutes; null while it does. */
  readonly minutes: number | null;
}

/** The narrative as Markdown. Pure. What others have written is shown as text: it makes no headings, links or tables. */
export function narrativeText(narrative: Narrative): string {
  const { incident, timeline, actions, minutes } = narrative;
  const who = (actor: string): string => plain(narrative.people[actor] ?? actor);
  const end =
    incident.closedAt === null
      ? 'It is open.'
      : `Closed at ${stamp(incident.closedAt)}${incident.closedBy === null ? ' by itself' : ` by ${who(incident.closedBy)}`}, after ${minutes ?? 0} minutes.`;
  const cause =
    incident.cause === null
      ? 'Nobody has said yet.'
      : `${incident.cause}${incident.causeText === null ? '' : `: ${plain(incident.causeText)}`}`;
  return [
    `# Incident ${incident.id}`,
    '',
    plain(incident.title),
    '',
    `- What: ${incident.kind}, ${plain(incident.key)}`,
    `- Severity: ${incident.severity}`,
    `- Opened: ${stamp(incident.openedAt)}, seen ${incident.times === 1 ? 'once' : `${incident.times} times`}`,
    `- Condition: ${incident.clearedAt === null ? 'was not seen to end' : `gone at ${stamp(incident.clearedAt)}`}`,
    `- End: ${end}`,
    `- Money touched: ${moneyText(incident.money)}`,
    `- Owner: ${incident.owner === null ? 'nobody' : plain(incident.owner.name)}`,
    `- Cause: ${cause}`,
    '',
    '## What happened',
    '',
    ...timeline.map((event) => `- ${stamp(event.at)} ${event.kind}, ${who(event.actor)}: ${plain(event.text)}`), // prettier-ignore
    '',
    '## What was done meanwhile',
    '',
    ...(actions === null ? ['Only who may read the audit is told.'] : []),
    ...(actions?.length === 0 ? ['Nothing that the audit knows of.'] : []),
    ...(actions ?? []).map(
      ({ at, actor, action, subjectType, subjectId }) =>
        `- ${stamp(at)} ${who(actor)}: ${action} (${subjectType} ${plain(subjectId)})`,
    ),
    '',
  ].join('\n');
}

function moneyText(money: readonly Money[]): string {
  if (money.length === 0) return 'none that is known';
  return money.map(({ amount, currency }) => `${amount} ${currency}`).join(', ');
}

function stamp(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** One line of text in which Markdown means nothing. */
function plain(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll(/[\\`*_[\]<>#|!]/g, (mark) => `\\${mark}`);
}
