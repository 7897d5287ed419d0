import * as z from 'zod';
import { defineTwin } from '../../../src/sdk/define-twin.ts';
import { ValidationError, type JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinReply, TwinRequest } from '../../../src/sdk/twin-kit/exchange.ts';
import {
  createTwinCore,
  serveTwin,
  type TwinMutation,
} from '../../../src/sdk/twin-kit/twin-core.ts';
import { ownWorld } from './own-world.ts';

const Settings = z.looseObject({ token: z.string() });
const OBJECTS = ['hardware', 'users', 'licenses', 'licenseSeats'] as const;
/** `MAX_RESULTS` of a Snipe-IT as it is installed. */
const MOST = 500;

/** Snipe-IT says what went wrong with status 200. */
const refusal = (messages: string): TwinReply => ({
  status: 200,
  body: { status: 'error', messages, payload: null },
});

const numberOf = (row: JsonObject): number => Number(row['id'] as number | string);

/** Tables in memory, each sorted by number. */
function createTables(world: Readonly<Record<string, readonly JsonObject[]>>) {
  let tables = new Map<string, JsonObject[]>();
  const load = (): void => {
    tables = new Map(OBJECTS.map((name) => [name, [...(world[name] ?? [])]]));
  };
  load();
  const rows = (object: string): readonly JsonObject[] =>
    (tables.get(object) ?? []).toSorted((left, right) => numberOf(left) - numberOf(right));
  return {
    load,
    rows,
    mutate: ({ object, operation, id, fields }: TwinMutation): string => {
      const table = tables.get(object);
      if (table === undefined) throw new ValidationError(`Snipe-IT has no ${object} here.`);
      const number = id === undefined ? Math.max(0, ...table.map(numberOf)) + 1 : Number(id);
      const before = table.find((row) => numberOf(row) === number) ?? {};
      const rest = table.filter((row) => numberOf(row) !== number);
      if (operation !== 'delete') rest.push({ ...before, ...fields, id: number });
      tables.set(object, rest);
      return String(number);
    },
  };
}

function listed(rows: readonly JsonObject[], query: URLSearchParams, hides: (id: string) => boolean): TwinReply {
  const limit = Math.min(MOST, Math.max(1, Number(query.get('limit') ?? '50')));
  const visible = limit === 1 ? rows : rows.filter((row) => !hides(String(numberOf(row))));
  const offset = Math.max(0, Number(query.get('offset') ?? '0'));
  return { status: 200, body: { total: rows.length, rows: visible.slice(offset, offset + limit) } };
} // prettier-ignore

export default defineTwin({
  system: 'snipe-it',
  ownWorld,
  start: (options) => {
    const core = createTwinCore(options);
    const { token } = Settings.parse(options.world.settings);
    const tables = createTables(options.world.objects);
    let revoked = false;
    const answer = ({ path, query, headers }: TwinRequest): TwinReply => {
      if (revoked || headers['authorization'] !== `Bearer ${token}`)
        return { status: 401, body: { error: 'Unauthorized or unauthenticated.' } };
      const [object = '', id, below] = path.replace('/api/v1/', '').split('/');
      const hides = (each: string): boolean => core.faults.drops(below === undefined ? object : 'licenseSeats', each); // prettier-ignore
      if (object === 'licenses' && below === 'seats') {
        const own = tables.rows('licenseSeats').filter((row) => String(row['license_id'] as number) === id); // prettier-ignore
        return listed(own, query, hides);
      }
      if (object === 'licenseSeats' || !OBJECTS.some((name) => name === object))
        return { status: 404, body: { error: 'Not found' } };
      if (id === undefined) return listed(tables.rows(object), query, hides);
      const row = tables.rows(object).find((each) => String(numberOf(each)) === id);
      return row === undefined ? refusal(`${object} does not exist.`) : { status: 200, body: row };
    };
    return serveTwin(
      core,
      {
        system: 'snipe-it',
        handler: answer,
        credentials: (url) => ({ config: { baseUrl: url }, secrets: { token } }),
        mutate: (mutation) => tables.mutate(mutation),
        reset: () => {
          revoked = false;
          tables.load();
        },
        expireTokens: () => {
          revoked = true;
        },
        objects: [...OBJECTS],
        records: (object) => tables.rows(object),
      },
      options,
    );
  },
});
