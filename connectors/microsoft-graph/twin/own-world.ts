import type { TwinWorld } from '../../../src/sdk/define-twin.ts';
import type { JsonObject } from '../../../src/sdk/kernel.ts';
import { seededRandom } from '../../../src/sdk/twin-kit/faults.ts';

const E3 = '6fd2c87f-b296-42f0-b197-1e91e994b900';
const COPILOT = '639dec6b-bb19-468b-871c-c5c441c4b0cb';
const PLANS = ['57ff2da0-773e-42df-b2af-ffb7a2317929', 'efb87545-963c-4e0d-99df-69c6916d9eb0'];
const USERS = 700;

const plan = (servicePlanId: string): JsonObject => ({ servicePlanId, servicePlanName: 'PLAN' });
const sku = (skuId: string, skuPartNumber: string, prepaidUnits: JsonObject): JsonObject => ({
  id: `twin_${skuId}`,
  skuId,
  skuPartNumber,
  appliesTo: 'User',
  capabilityStatus: 'Enabled',
  prepaidUnits,
  servicePlans: PLANS.map(plan),
});

/** A directory of people with two products, one of them partly in grace; the same seed gives the same directory. */
export function ownWorld(seed: number): TwinWorld {
  const random = seededRandom(seed);
  const users = Array.from({ length: USERS }, (_, at): JsonObject => {
    const licences = [
      ...(random() < 0.16 ? [{ skuId: E3, disabledPlans: random() < 0.1 ? PLANS : [] }] : []),
      ...(random() < 0.05 ? [{ skuId: COPILOT, disabledPlans: [] }] : []),
    ];
    const number = String(at + 1).padStart(5, '0');
    return {
      id: `00000000-0000-4000-8000-0000000${number}`,
      displayName: `Person ${number}`,
      userPrincipalName: `p${number}@meridian.example`,
      mail: `p${number}@meridian.example`,
      accountEnabled: random() > 0.05,
      userType: 'Member',
      employeeId: number,
      department: 'Engineering',
      companyName: 'Meridian Software',
      createdDateTime: '2025-01-01T00:00:00Z',
      assignedLicenses: licences,
    };
  });
  return {
    objects: {
      subscribedSkus: [
        sku(E3, 'ENTERPRISEPACK', { enabled: 100, warning: 25, suspended: 10, lockedOut: 0 }),
        sku(COPILOT, 'Microsoft_365_Copilot', { enabled: 40, warning: 0, suspended: 0, lockedOut: 0 }), // prettier-ignore
      ],
      users,
    },
    settings: { tenantId: 'meridian.example', clientId: 'trueup', clientSecret: 'twin-secret-graph' },
  }; // prettier-ignore
}
