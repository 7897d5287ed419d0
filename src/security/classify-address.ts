import ipaddr from 'ipaddr.js';

/**
 * What an IP address is to us. `public`: the open internet. `private`: loopback, private and carrier ranges, where
 * our own services live. `never`: addresses that name no system to connect to (cloud metadata, link-local,
 * multicast, documentation, tunnels whose far end cannot be seen).
 */
export type AddressClass = 'public' | 'private' | 'never';

/**
 * Metadata and host services of clouds that hand out credentials, where no range already refuses them.
 * Azure's is a public address: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
 * Alibaba's lies in the carrier range; those of AWS (also for pods of EKS), Google and Scaleway over IPv6 are unique
 * local addresses.
 */
const METADATA = new Set([
  '168.63.129.16',
  '100.100.100.200',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  'fd00:42::42',
]);
const PRIVATE = new Set(['loopback', 'private', 'uniqueLocal', 'carrierGradeNat']);
/** RFC 4291 §2.5.5.1, RFC 5214 §6.1: IPv4 in the last 32 bits, in forms that no range of the library covers. */
const COMPATIBLE = ipaddr.IPv6.parseCIDR('::/96');
const ISATAP = 0x5efe;

/**
 * Classifies the text of an address. Addresses that carry an IPv4 address inside (mapped, compatible, translated,
 * 6to4, NAT64, ISATAP) are never public, whatever they carry: a translator on the way could lead them inside. They count
 * as private when what they carry may be reached, else as never. What is no address is never.
 */
export function classifyAddress(text: string): AddressClass {
  const bare = text.split('%', 1)[0] ?? '';
  if (!ipaddr.isValid(bare) || (!bare.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(bare))) {
    return 'never';
  }
  const address = ipaddr.parse(bare);
  if (METADATA.has(address.toString())) return 'never';
  const carried = address instanceof ipaddr.IPv6 ? carriedIpv4(address) : null;
  if (carried !== null) return classifyAddress(carried) === 'never' ? 'never' : 'private';
  const range = address.range();
  if (range === 'unicast') return 'public';
  return PRIVATE.has(range) ? 'private' : 'never';
}

function carriedIpv4(address: ipaddr.IPv6): string | null {
  const range: string = address.range();
  const parts = address.parts;
  if (range === 'ipv4Mapped' || range === 'rfc6145' || range === 'rfc6052') return ipv4Of(parts, 6);
  if (range === '6to4') return ipv4Of(parts, 1);
  const isatap = parts[5] === ISATAP && (parts[4] === 0 || parts[4] === 0x200);
  if (isatap) return ipv4Of(parts, 6);
  if (range === 'unicast' && address.match(COMPATIBLE)) return ipv4Of(parts, 6);
  return null;
}

function ipv4Of(parts: readonly number[], at: number): string {
  const high = parts[at] ?? 0;
  const low = parts[at + 1] ?? 0;
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
