import * as z from 'zod';

const id = (what: string) => z.string().meta({ description: what });

/**
 * What the hub tells to webhooks: ids and states, never names or amounts; who may know more asks the API. A new member of
 * `data` may come at any time; one that is there keeps its meaning for as long as the schema is v1.
 */
const EVENTS = {
  'opportunity.closed_won': {
    title: 'A deal was won, seen for the first time in the history of its stages.',
    data: z.object({
      dealId: id('The deal, as in `plans list` and `trace`.'),
      connection: id('The connection of the CRM.'),
      opportunityId: id("The CRM's own id."),
    }),
  },
  'plan.applied': {
    title: 'Every effect of a plan was written and read back.',
    data: z.object({
      planId: id('The plan.'),
      kind: id('What kind of change it is.'),
      subject: id('What it is about: the deal.'),
      hash: id('The hash that was approved.'),
    }),
  },
  'plan.incomplete': {
    title:
      'A plan ended, and part of it was not done: somebody dropped it, or the connection that it was for was removed.',
    data: z.object({
      planId: id('The plan; what of it was not done: `plans show`.'),
      kind: id('What kind of change it is.'),
      subject: id('What it is about: the deal.'),
      hash: id('The hash that was approved.'),
    }),
  },
  'run.completed': {
    title: 'A run ended: all that it read is mapped.',
    data: z.object({
      runId: id('The run.'),
      connection: id('The connection that was read.'),
      status: id('succeeded or failed.'),
    }),
  },
  'mapping.published': {
    title: 'Another version of a mapping came into effect.',
    data: z.object({
      mappingId: id('The mapping.'),
      version: z.number().int(),
      changeId: id('The request that was approved.'),
    }),
  },
  'conflict.opened': {
    title: 'Both sides changed a field, and no rule decides it.',
    data: z.object({
      conflictId: id('The conflict.'),
      connection: id('The connection of the other side.'),
      object: id('The object there.'),
      field: id('The field there.'),
    }),
  },
  'error.opened': {
    title: 'Records wait for a person for a cause that was not open before.',
    data: z.object({
      errorId: id('The group of errors of that cause.'),
      connection: id('The connection.'),
      object: id('The object or stream.'),
      code: id('The class of the error.'),
    }),
  },
  'incident.opened': {
    title: 'Something needs a person who owns it until its cause is known.',
    data: z.object({
      incidentId: id('The incident.'),
      kind: id('What kind of incident it is.'),
      severity: id('How bad it is.'),
    }),
  },
  'reconciliation.signed_off': {
    title: 'A reconciliation cycle was signed by everybody who has to.',
    data: z.object({
      cycleId: id('The cycle.'),
      runId: id('The reconciliation that was signed.'),
      statementHash: id('SHA-256 of the statement under the signatures.'),
    }),
  },
  'remediation.overdue': {
    title: 'The day came and went on which something was to be mended.',
    data: z.object({
      taskId: id('The task.'),
      cycleId: id('The cycle that it came from.'),
      owner: id('The person who was to see to it.'),
    }),
  },
  'webhook.test': {
    title: 'Somebody tries an endpoint. Sent to that one alone, once.',
    data: z.object({ endpointId: id('The endpoint.') }),
  },
} as const;

export type EventType = keyof typeof EVENTS;
export type EventData<Type extends EventType> = z.infer<(typeof EVENTS)[Type]['data']>;

/** Tried once, by hand, and never subscribed to. */
export const TEST_EVENT = 'webhook.test' satisfies EventType;

/** The types that an endpoint may be limited to. */
export const SUBSCRIBED: readonly string[] = Object.keys(EVENTS).filter(
  (type) => type !== TEST_EVENT,
);

/** The JSON Schema (2020-12) of the body of each type of event: `oneOf`, told apart by `type`. */
export function eventSchema(): Readonly<Record<string, unknown>> {
  const bodies = Object.entries(EVENTS).map(([type, { title, data }]) =>
    z.toJSONSchema(
      z
        .object({ type: z.literal(type), timestamp: z.iso.datetime(), data })
        .meta({ title: type, description: title }),
      { io: 'input' },
    ),
  );
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'An event of Trueup, as webhooks get it (v1)',
    oneOf: bodies.map(({ $schema: _dialect, ...body }) => body),
  };
}
