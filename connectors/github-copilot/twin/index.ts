import * as z from 'zod';
import { defineTwin } from '../../../src/sdk/define-twin.ts';
import { ValidationError, type Json, type JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import {
  createTwinCore,
  serveTwin,
  type TwinCore,
  type TwinMutation,
} from '../../../src/sdk/twin-kit/twin-core.ts';
import { ownWorld } from './own-world.ts';

const Settings = z.looseObject({
  organization: z.string().optional(),
  enterprise: z.string().optional(),
  token: z.string(),
});
const MOST = 100;

const problem = (status: number, message: string): TwinReply => ({ status, body: { message } });

const userOf = (seat: JsonObject): string => {
  const assignee = seat['assignee'] as JsonObject;
  return String(assignee['id'] as number | string);
};

const loginOf = (seat: JsonObject): string => {
  const login = (seat['assignee'] as JsonObject)['login'];
  return typeof login === 'string' ? login : '';
};

const CYCLE_ENDS = '2026-03-31';

/** The seats in the order in which the vendor lists them: users by id, and for each its organisations. */
function createSeats(world: readonly JsonObject[], others: readonly JsonObject[]) {
  let seats: JsonObject[] = [...world];
  /** Members of the organisation by login, with or without a seat. */
  const members = new Map(
    [...world.map((seat) => seat['assignee'] as JsonObject), ...others].map((user) => [
      user['login'],
      user,
    ]),
  );
  return {
    reset: () => {
      seats = [...world];
    },
    all: (): readonly JsonObject[] => seats,
    users: (): number => new Set(seats.map(userOf)).size,
    isMember: (login: string): boolean => members.has(login),
    /** Gives or takes seats by login, as GitHub does; how many changed. One that is taken is billed until the cycle ends. */
    select: (logins: readonly string[], given: boolean): number => {
      let changed = 0;
      for (const login of logins) {
        const at = seats.findIndex((seat) => loginOf(seat) === login);
        const held = seats[at];
        const isEnding = typeof held?.['pending_cancellation_date'] === 'string';
        if (held === undefined && given) {
          const { id = null } = members.get(login) ?? {};
          seats.push({ assignee: { id, login, type: 'User' }, created_at: '2026-03-02T08:00:00Z', last_activity_at: null, pending_cancellation_date: null, plan_type: 'business' }); // prettier-ignore
        } else if (held !== undefined && isEnding === given) {
          seats[at] = { ...held, pending_cancellation_date: given ? null : CYCLE_ENDS };
        } else continue;
        changed += 1;
      }
      return changed;
    },
    mutate: ({ object, operation, id, fields }: TwinMutation): string => {
      if (object !== 'seats') throw new ValidationError(`GitHub has no ${object} here.`);
      const user = id ?? String(90_000 + seats.length);
      const before = seats.find((seat) => userOf(seat) === user);
      seats = seats.filter((seat) => userOf(seat) !== user);
      if (operation !== 'delete') {
        const fresh: JsonObject = { assignee: { id: Number(user), login: `octo-${user}`, type: 'User' }, created_at: '2026-03-02T08:00:00Z', plan_type: 'business' }; // prettier-ignore
        seats.push({ ...(before ?? fresh), ...fields });
      }
      return user;
    },
  };
}

function billing(seats: readonly JsonObject[]): JsonObject {
  const active = seats.filter((seat) => typeof seat['last_activity_at'] === 'string').length;
  return {
    seat_breakdown: {
      total: seats.length,
      added_this_cycle: 0,
      pending_invitation: 0,
      pending_cancellation: seats.filter((seat) => typeof seat['pending_cancellation_date'] === 'string').length, // prettier-ignore
      active_this_cycle: active,
      inactive_this_cycle: seats.length - active,
    },
    seat_management_setting: 'assign_selected',
    plan_type: 'business',
  };
}

/** POST and DELETE of `selected_users`: all of them, or a refusal (GitHub REST, Copilot user management). */
function select(
  core: TwinCore,
  seats: ReturnType<typeof createSeats>,
  { method, rawBody }: TwinRequest,
): TwinReply {
  const body = JSON.parse(rawBody.toString('utf8')) as { readonly selected_usernames?: unknown };
  const asked = z.array(z.string()).safeParse(body.selected_usernames);
  if (!asked.success) return problem(422, 'Invalid request. selected_usernames is missing.');
  const stranger = asked.data.find((login) => !seats.isMember(login));
  if (stranger !== undefined)
    return problem(422, `${stranger} is not a member of the organization.`);
  const isGiven = method === 'POST';
  const changed = seats.select(asked.data, isGiven);
  const operation = isGiven ? 'create' : 'delete';
  for (const login of asked.data)
    core.oracle.record({
      object: 'seats',
      externalId: login,
      intentId: null,
      operation,
      body: { login },
    });
  return isGiven
    ? { status: 201, body: { seats_created: changed } }
    : { status: 200, body: { seats_cancelled: changed } };
}

export default defineTwin({
  system: 'github-copilot',
  ownWorld,
  start: (options) => {
    const core = createTwinCore(options);
    const settings = Settings.parse(options.world.settings);
    const { seats: given = [], members = [] } = options.world.objects;
    const seats = createSeats(given, members);
    const base = settings.enterprise === undefined ? `/orgs/${settings.organization ?? ''}` : `/enterprises/${settings.enterprise}`; // prettier-ignore
    let revoked = false;
    const list = ({ query }: TwinRequest): TwinReply => {
      const size = Math.min(MOST, Math.max(1, Number(query.get('per_page') ?? '50')));
      const from = (Math.max(1, Number(query.get('page') ?? '1')) - 1) * size;
      // A page of one is asked for its total alone: it hides nothing.
      const visible = seats.all().filter((seat) => size === 1 || !core.faults.drops('seats', userOf(seat))); // prettier-ignore
      const rows: readonly Json[] = visible.slice(from, from + size);
      return { status: 200, body: { total_seats: seats.users(), seats: [...rows] } };
    };
    const handler = (request: TwinRequest): TwinReply => {
      const { path, headers } = request;
      if (revoked || headers['authorization'] !== `Bearer ${settings.token}`) return problem(401, 'Bad credentials'); // prettier-ignore
      if (path === `${base}/copilot/billing/seats`) return list(request);
      if (
        path === `${base}/copilot/billing/selected_users` &&
        ['POST', 'DELETE'].includes(request.method)
      )
        return settings.enterprise === undefined
          ? select(core, seats, request)
          : problem(404, 'Not Found');
      if (path === `${base}/copilot/billing` && settings.enterprise === undefined)
        return { status: 200, body: billing(seats.all()) };
      return problem(404, 'Not Found');
    };
    const { organization, enterprise, token } = settings;
    return serveTwin(
      core,
      {
        system: 'github-copilot',
        handler,
        credentials: (url) => ({
          config: {
            apiUrl: url,
            ...(organization === undefined ? {} : { organization }),
            ...(enterprise === undefined ? {} : { enterprise }),
          },
          secrets: { token },
        }),
        mutate: (mutation) => seats.mutate(mutation),
        reset: () => {
          revoked = false;
          seats.reset();
        },
        expireTokens: () => {
          revoked = true;
        },
        objects: ['billing', 'seats'],
        records: (object) => (object === 'seats' ? seats.all() : [billing(seats.all())]),
      },
      options,
    );
  },
});
