import * as z from 'zod';
import { ValidationError } from '../../kernel/errors.ts';
import type { Json, JsonObject } from '../../kernel/hash.ts';
import type { PlantedDrift, RunningTwin, TwinOptions } from '../define-twin.ts';
import type { TwinHandler, TwinReply, TwinRequest } from './exchange.ts';
import { createFaults, FaultPlan, isStateAction, type Faults, type StateAction } from './faults.ts';
import { createHooks, HookTarget, type Hooks } from './hooks.ts';
import { startTwinServer, type TwinServer } from './http.ts';
import { createOracle, type Oracle } from './oracle.ts';
import { createTwinClock, type TwinClock } from './twin-clock.ts';
import { answerOnWire } from './wire-faults.ts';

/** A change that the control endpoint makes to the twin's state, as a person at the vendor's screen would. */
export const TwinMutation = z.strictObject({
  object: z.string(),
  /** `undelete` takes a record out of the recycle bin, `purge` removes it for good, `merge` ends it in favour of `into`. */
  operation: z.enum(['create', 'update', 'delete', 'undelete', 'purge', 'merge']),
  id: z.string().optional(),
  fields: z.record(z.string(), z.json()).default({}),
  /** For `merge`: the record that lives on. */
  into: z.string().optional(),
  /** The change commits now under a stamp that is so much older, as the end of a long transaction does. */
  lateSeconds: z.number().int().positive().optional(),
});
export type TwinMutation = z.infer<typeof TwinMutation>;

const ClockChange = z.union([
  z.strictObject({ now: z.iso.datetime() }),
  z.strictObject({ advanceSeconds: z.number() }),
]);

/** What every twin shares: time, faults, witness log, push hooks. */
export interface TwinCore {
  readonly clock: TwinClock;
  readonly faults: Faults;
  readonly oracle: Oracle;
  readonly hooks: Hooks;
}

/** What a vendor's twin brings: its protocol and its state. */
export interface TwinBehaviour {
  readonly system: string;
  readonly handler: TwinHandler;
  readonly credentials: (url: string) => RunningTwin['credentials'];
  /** Applies a change made through the control endpoint; returns the record's id. Throws on an unknown object. */
  mutate(mutation: TwinMutation): string;
  /** The objects that it holds, as fault rules name them. */
  readonly objects: readonly string[];
  /** The state faults that it carries out; `drop_record` alone when left out. What happens on the wire, every twin can. */
  readonly actions?: readonly StateAction[];
  /** The operations of `mutate` that it knows beyond creating, updating and deleting. */
  readonly operations?: readonly TwinMutation['operation'][];
  /** Back to the world it started with. */
  reset(): void;
  expireTokens(): void;
  /** The current records of an object in the vendor's own shape, for tests and stories. */
  records(object: string): readonly JsonObject[];
}

const json = (status: number, body: Json): TwinReply => ({ status, body });

function control(
  core: TwinCore,
  behaviour: TwinBehaviour,
  planted: readonly PlantedDrift[],
): TwinHandler {
  const body = (request: TwinRequest): unknown =>
    JSON.parse(request.rawBody.toString('utf8') || '{}');
  const routes: Readonly<Record<string, TwinHandler>> = {
    'GET /__twin/clock': () => json(200, { now: core.clock.now().toISOString() }),
    'POST /__twin/clock': (request) => {
      const change = ClockChange.parse(body(request));
      if ('now' in change) core.clock.set(change.now);
      else core.clock.advance(change.advanceSeconds);
      return json(200, { now: core.clock.now().toISOString() });
    },
    'GET /__twin/faults': () => json(200, core.faults.plan() as unknown as JsonObject),
    'GET /__twin/firings': () => json(200, core.faults.firings()),
    'PUT /__twin/faults': (request) => {
      core.faults.set(checked(FaultPlan.parse(body(request)), behaviour));
      return json(200, core.faults.plan() as unknown as JsonObject);
    },
    'POST /__twin/mutate': (request) => json(200, { id: behaviour.mutate(possible(TwinMutation.parse(body(request)), behaviour)) }),
    'GET /__twin/oracle': (request) => json(200, core.oracle.entries(Number(request.query.get('after') ?? 0)) as unknown as Json),
    'GET /__twin/planted': () => json(200, planted as unknown as Json),
    'GET /__twin/records': (request) => json(200, behaviour.records(request.query.get('object') ?? '')),
    'PUT /__twin/hooks': (request) => {
      core.hooks.set(HookTarget.nullable().parse(body(request)));
      return json(200, { ok: true });
    },
    'GET /__twin/hooks': () => json(200, { lastFailure: core.hooks.lastFailure() }),
    'POST /__twin/reset': () => {
      behaviour.reset();
      core.oracle.clear();
      core.faults.set({ seed: 1, rules: [] });
      return json(200, { ok: true });
    },
    'GET /__twin/schema': () => json(200, { mutate: z.toJSONSchema(TwinMutation), faults: z.toJSONSchema(FaultPlan, { io: 'input' }), hooks: z.toJSONSchema(HookTarget), clock: z.toJSONSchema(ClockChange) } as unknown as Json),
  }; // prettier-ignore
  return async (request) => {
    const route = routes[`${request.method} ${request.path}`];
    if (route === undefined)
      return json(404, { error: `The twin has no control ${request.method} ${request.path}.` });
    try {
      return await route(request);
    } catch (error) {
      return json(400, { error: error instanceof Error ? error.message : String(error) });
    }
  };
}

const EVERYWHERE: readonly TwinMutation['operation'][] = ['create', 'update', 'delete'];

/** A mutation that this twin knows. Throws ValidationError: another would be taken for an update. */
function possible(mutation: TwinMutation, behaviour: TwinBehaviour): TwinMutation {
  const { system, actions = [], operations = [] } = behaviour;
  const known = [...EVERYWHERE, ...operations];
  if (!known.includes(mutation.operation))
    throw new ValidationError(`The twin of ${system} knows ${known.join(', ')}, and no ${mutation.operation}.`); // prettier-ignore
  if (mutation.lateSeconds !== undefined && !actions.includes('late'))
    throw new ValidationError(`The twin of ${system} has no late commits: leave lateSeconds out.`);
  return mutation;
}

/**
 * A plan that this twin can carry out: each object is one that it holds, each fault one that it knows.
 * Throws ValidationError: a fault that can never fire misleads.
 */
function checked(plan: FaultPlan, behaviour: TwinBehaviour): FaultPlan {
  const { system, objects, actions = ['drop_record'] } = behaviour;
  for (const { action, match } of plan.rules) {
    if (isStateAction(action) && !actions.includes(action))
      throw new ValidationError(
        `The twin of ${system} cannot carry out "${action}". Besides the faults of the wire it knows ${actions.join(', ')}.`,
      );
    const isKnown = match.object !== undefined && objects.includes(match.object);
    if (isKnown || (match.object === undefined && action !== 'drop_record')) continue;
    throw new ValidationError(
      `The twin of ${system} holds no ${match.object ?? 'object that is not named'}. It has ${objects.join(', ')}.`,
    );
  }
  return plan;
}

/** Creates what a twin shares, before its behaviour is built on it. */
export function createTwinCore(options: TwinOptions): TwinCore {
  const clock = createTwinClock(options.startAt);
  return {
    clock,
    faults: createFaults(),
    oracle: createOracle(() => clock.now()),
    hooks: createHooks(),
  };
}

/**
 * Serves a twin: the vendor's protocol, and the control endpoint below `/__twin`; on a socket, and without one to
 * whoever calls `ask`. Throws ValidationError for a fault plan that this twin cannot carry out.
 */
export async function serveTwin(
  core: TwinCore,
  behaviour: TwinBehaviour,
  options: TwinOptions,
): Promise<RunningTwin> {
  if (options.faults !== undefined) core.faults.set(checked(options.faults, behaviour));
  const controlHandler = control(core, behaviour, options.planted);
  const wire = {
    faults: core.faults,
    onExpireToken: () => behaviour.expireTokens(),
    handler: (request: TwinRequest) =>
      request.path.startsWith('/__twin') ? controlHandler(request) : behaviour.handler(request),
  };
  const server =
    options.port === null ? NO_SERVER : await startTwinServer({ port: options.port, wire });
  return {
    system: behaviour.system,
    url: server.url,
    control: `${server.url}/__twin`,
    credentials: behaviour.credentials(server.url),
    ask: (request, sleep) => answerOnWire(request, { ...wire, sleep }),
    stop: () => server.stop(),
  };
}

/** A twin without a socket still has an address, as its credentials must name one. Nothing listens there. */
const NO_SERVER: TwinServer = { url: 'http://127.0.0.1:1', stop: async () => undefined };
