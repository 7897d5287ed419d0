import type { JsonObject } from '../kernel/hash.ts';
import type { Prng } from './prng.ts';
import type { VendorIds } from './vendor-ids.ts';

/**
 * Meridian's fiscal year: quarters of 4, 4 and 5 weeks, ending on the Saturday nearest 31 January and named by
 * the calendar year in which it ends; a 53rd week belongs to the last period.
 */
export const FISCAL_CALENDAR = {
  kind: '445',
  yearEndRule: 'dow_nearest_eom',
  yearEndMonth: 1,
  yearEndWeekday: 'saturday',
  yearNaming: 'end',
  week53Placement: 'last_period',
} as const;

function hexText(prng: Prng, length: number): string {
  return Array.from({ length }, () => prng.int(0, 15).toString(16)).join('');
}

/** The Salesforce organisation: a connected app whose signing key its twin makes for itself. */
export function salesforceSettings(prng: Prng, ids: VendorIds): JsonObject {
  return {
    orgId: ids.salesforce('Organization'),
    instanceName: 'EU42',
    packages: ['trueup'],
    multiCurrency: true,
    clients: [
      {
        clientId: `3MVG9${hexText(prng, 40)}`,
        clientSecret: hexText(prng, 64).toUpperCase(),
        username: 'integration@meridian.example',
      },
    ],
  };
}

/** The NetSuite account; the twin makes the certificate client for itself. */
export function netsuiteSettings(prng: Prng): JsonObject {
  return {
    accountId: `${prng.int(1_000_000, 9_999_999)}_SB1`,
    timeZone: 'America/Los_Angeles',
    dateFormat: 'M/D/YYYY',
    packages: ['trueup'],
    m2m: [],
    tba: [
      {
        consumerKey: hexText(prng, 64),
        consumerSecret: hexText(prng, 64),
        tokenId: hexText(prng, 64),
        tokenSecret: hexText(prng, 64),
      },
    ],
    fiscalCalendar: FISCAL_CALENDAR,
  };
}

/** The people directory. */
export function scimSettings(prng: Prng): JsonObject {
  return { personality: 'rfc', bearerToken: hexText(prng, 48), maxResults: 200 };
}
