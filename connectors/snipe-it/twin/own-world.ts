import type { TwinWorld } from '../../../src/sdk/define-twin.ts';
import type { JsonObject } from '../../../src/sdk/kernel.ts';
import { seededRandom } from '../../../src/sdk/twin-kit/faults.ts';

const ASSETS = 620;
const USERS = 120;

const moment = (datetime: string): JsonObject => ({ datetime, formatted: datetime });
const kept = {
  created_at: moment('2025-01-07 09:00:00'),
  updated_at: moment('2025-06-01 09:00:00'),
};

function people(random: () => number): readonly JsonObject[] {
  return Array.from({ length: USERS }, (_, at) => ({
    id: at + 1,
    username: `p${at + 1}`,
    name: `Person ${at + 1}`,
    email: `p${at + 1}@meridian.example`,
    employee_num: String(at + 1).padStart(5, '0'),
    activated: random() > 0.05,
    department: { id: 1, name: 'R&D' },
    company: { id: 1, name: 'Meridian Software' },
    ...kept,
  }));
}

function asset(at: number, holder: JsonObject | null, category: string): JsonObject {
  const isOut = holder !== null;
  return {
    id: at + 1,
    name: `LT-${1000 + at}`,
    asset_tag: `A${100_000 + at}`,
    serial: `SN${900_000 + at}`,
    model: { id: 1, name: 'Slate 14"' },
    model_number: 'S14',
    category: { id: 1, name: category },
    manufacturer: { id: 1, name: 'Northwind Machines' },
    status_label: { id: 2, name: 'Ready to Deploy', status_type: 'deployable', status_meta: isOut ? 'deployed' : 'deployable' },
    assigned_to: isOut ? { id: holder['id'] ?? null, username: holder['username'] ?? null, type: 'user' } : null,
    company: { id: 1, name: 'Meridian Software' },
    location: null,
    purchase_date: { date: '2025-01-07', formatted: '2025-01-07' },
    custom_fields: {},
    ...kept,
  };
} // prettier-ignore

const licence = (id: number, name: string, seats: number): JsonObject => ({
  id,
  name,
  company: { id: 1, name: 'Meridian Software' },
  manufacturer: { id: 2, name: 'Pixelbench' },
  seats,
  free_seats_count: Math.floor(seats / 3),
  expiration_date: { date: '2026-12-31', formatted: '2026-12-31' },
  purchase_order: `PO-${id}`,
  ...kept,
});

const seat = (id: number, license_id: number, at: number): JsonObject => ({
  id,
  license_id,
  name: `Seat ${at + 1}`,
  assigned_user: at % 3 === 0 ? { id: (at % USERS) + 1, name: `Person ${(at % USERS) + 1}` } : null,
  assigned_asset: at % 3 === 1 ? { id: (at % ASSETS) + 1, name: `LT-${1000 + at}` } : null,
});

const SIZES = [40, 12] as const;

/** An inventory of laptops and a few licences with seats on people and machines; the same seed gives the same one. */
export function ownWorld(seed: number): TwinWorld {
  const random = seededRandom(seed);
  const users = people(random);
  const hardware = Array.from({ length: ASSETS }, (_, at) =>
    asset(
      at,
      random() < 0.8 ? (users[at % USERS] ?? null) : null,
      random() < 0.8 ? 'Laptops' : 'Desktops',
    ),
  );
  const seats = SIZES.flatMap((size, license) =>
    Array.from({ length: size }, (_, at) => seat(license * 1000 + at + 1, license + 1, at)),
  );
  const names = ['Pixelbench &quot;Design&quot; Suite', 'Corvane CAD'] as const;
  return {
    objects: {
      hardware,
      users,
      licenses: SIZES.map((size, at) => licence(at + 1, names[at] ?? '', size)),
      licenseSeats: seats,
    },
    settings: { token: 'twin-token-snipe' },
  };
}
