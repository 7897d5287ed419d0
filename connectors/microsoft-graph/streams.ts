import type { StreamDefinition } from '../../src/sdk/define-connector.ts';

/** The fields of a user that are asked for, and no others: people's data is read as far as it is needed. */
export const USER_FIELDS = ['id', 'displayName', 'userPrincipalName', 'mail', 'accountEnabled', 'userType', 'employeeId', 'department', 'companyName', 'createdDateTime', 'assignedLicenses'] as const; // prettier-ignore

const SKU_FIELDS = ['id', 'skuId', 'skuPartNumber', 'appliesTo', 'capabilityStatus', 'prepaidUnits', 'consumedUnits', 'servicePlans'] as const; // prettier-ignore

export const FIELDS: Readonly<Record<string, readonly string[]>> = {
  subscribedSkus: SKU_FIELDS,
  users: USER_FIELDS,
};

/** Graph gives no stamp that moves with a licence assignment, so every read is a full one. */
export const STREAMS: readonly StreamDefinition[] = [
  {
    name: 'subscribedSkus',
    title: 'Seats that Microsoft provides',
    cursor: 'full',
    pageSize: 1000,
    personalData: false,
  },
  {
    name: 'users',
    title: 'People and the licences assigned to them',
    cursor: 'full',
    pageSize: 999,
    personalData: true,
  },
];
