import * as z from 'zod';
import { defineMetric, type MetricDevice, type MetricSubject } from '../../sdk/define-metric.ts';
import { countEach } from '../../sdk/metering.ts';
import { smallestCover } from '../../sdk/cover.ts';

/**
 * Client access: a right per person, per device, or the fewest of both such that each access is licensed on one side.
 * Whoever reaches the server through another system counts as if directly: pooling saves nothing.
 */
export default defineMetric({
  code: 'client_access',
  version: 1,
  title: 'Client access',
  family: 'user',
  unit: 'client',
  aggregation: 'count_distinct',
  source: 'Microsoft licensing brief "Multiplexing: client access license requirements"',
  attributes: z.strictObject({ by: z.enum(['user', 'device', 'fewest']).default('user') }),
  meter({ subjects, devices }, { by }) {
    const persons = new Map(
      subjects.filter(({ assigned }) => assigned).map((each) => [each.subjectId, each]),
    );
    const accesses = devices.flatMap(({ deviceId, userIds }) =>
      userIds.map((userId) => ({ userId, deviceId })),
    );
    const chosen = choose(by, persons, devices, accesses);
    const counted = [
      ...chosen.users.map((id) => ({
        subjectId: id,
        licensableQuantity: '1',
        evidence: persons.get(id)?.evidence ?? [],
      })),
      ...chosen.devices.map((id) => ({
        subjectId: id,
        licensableQuantity: '1',
        evidence: devices.find(({ deviceId }) => deviceId === id)?.evidence ?? [],
      })),
    ];
    const licensed = new Set(counted.map(({ subjectId }) => subjectId));
    const excluded = [...persons.keys(), ...devices.map(({ deviceId }) => deviceId)]
      .filter((id) => !licensed.has(id))
      .map((subjectId) => ({ subjectId, reason: 'licensed_on_the_other_side' }));
    return countEach(counted, excluded, [
      `Client access by ${by}: ${chosen.users.length} persons and ${chosen.devices.length} devices, for ${accesses.length} accesses.`,
    ]);
  },
});

function choose(
  by: 'user' | 'device' | 'fewest',
  persons: ReadonlyMap<string, MetricSubject>,
  devices: readonly MetricDevice[],
  accesses: readonly { readonly userId: string; readonly deviceId: string }[],
): { readonly users: readonly string[]; readonly devices: readonly string[] } {
  const users = new Set([...persons.keys(), ...accesses.map(({ userId }) => userId)]);
  if (by === 'user')
    return {
      users: [...users],
      devices: devices
        .filter(({ userIds }) => userIds.length === 0)
        .map(({ deviceId }) => deviceId),
    };
  if (by === 'device')
    return {
      users: [...users].filter((id) => !accesses.some(({ userId }) => userId === id)),
      devices: devices.map(({ deviceId }) => deviceId),
    };
  const cover = smallestCover(accesses.map(({ userId, deviceId }) => [userId, deviceId] as const));
  // A person without a known device, or a device without a known person, is an access all the same.
  const alone = [...users].filter((id) => !accesses.some(({ userId }) => userId === id));
  const unattended = devices
    .filter(({ userIds }) => userIds.length === 0)
    .map(({ deviceId }) => deviceId);
  return {
    users: [...cover.left, ...alone].toSorted(),
    devices: [...cover.right, ...unattended].toSorted(),
  };
}
