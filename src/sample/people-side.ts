import type { JsonObject } from '../kernel/hash.ts';
import type { PlantedDrift, TwinWorld } from '../sdk/define-twin.ts';
import { orphanedSeats, plantDuplicates, plantStrangers } from './drift-people.ts';
import { groupRecords } from './groups.ts';
import { createIdentities, createServiceLogins, userRecords } from './logins.ts';
import { agreementRows } from './paper.ts';
import { createAddressBook, createPeople, employmentRows } from './people.ts';
import type { Prng } from './prng.ts';
import { scimSettings } from './settings.ts';
import type { VendorIds } from './vendor-ids.ts';

export interface PeopleSizes {
  /** Users of the directory, whatever they are. */
  readonly users: number;
  readonly services: number;
  readonly orphanRows: number;
  readonly duplicates: number;
  readonly strangers: number;
  /** More was bought of every product than anybody will hold. */
  readonly calm: boolean;
}

export interface PeopleSide {
  readonly world: TwinWorld;
  readonly employment: readonly JsonObject[];
  readonly agreements: readonly JsonObject[];
  readonly planted: readonly PlantedDrift[];
}

/** The directory, what HR says of the same people, and what was bought for them. */
export function createPeopleSide(prng: Prng, ids: VendorIds, sizes: PeopleSizes): PeopleSide {
  const book = createAddressBook();
  const people = createPeople(prng.fork('people'), book, {
    total: sizes.users - sizes.services - sizes.duplicates - sizes.strangers,
    orphan: Math.ceil(sizes.orphanRows / 2),
  });
  const identities = createIdentities(prng.fork('logins'), ids, people, sizes.orphanRows);
  const duplicates = plantDuplicates(
    prng.fork('duplicates'),
    ids,
    book,
    identities,
    sizes.duplicates,
  );
  const strangers = plantStrangers(prng.fork('strangers'), ids, book, sizes.strangers);
  const services = createServiceLogins(prng.fork('services'), ids, sizes.services);
  const own = identities.map(({ login }) => login);
  const logins = [...own, ...duplicates.logins, ...strangers.logins, ...services];
  return {
    world: {
      objects: {
        Users: userRecords(logins),
        Groups: groupRecords(prng.fork('groups'), ids, logins),
      },
      settings: scimSettings(prng.fork('settings')),
    },
    employment: employmentRows(people),
    agreements: agreementRows(prng.fork('paper'), own, sizes.calm),
    planted: [...orphanedSeats(identities), ...duplicates.planted, ...strangers.planted],
  };
}
