import { ForbiddenError } from '../kernel/errors.ts';
import { classifyAddress } from './classify-address.ts';

export interface HostPolicy {
  /** Hosts that may be called: exact names or addresses, or `*.example.com` for every name below it. */
  readonly hosts: readonly string[];
  /** Whether loopback and private addresses may be called, and plain http to them. */
  readonly allowPrivateNetwork: boolean;
}

/** The name as it is compared: lower case, without brackets and without the root's dot. */
export function hostName(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

/** Throws a ForbiddenError unless the connector declared this host. */
export function requireHost(policy: HostPolicy, host: string): void {
  const name = hostName(host);
  if (policy.hosts.some((pattern) => matches(hostName(pattern), name))) return;
  throw refusal(
    name,
    `is not a host of this connection (${policy.hosts.join(', ') || 'none'})`,
    'host_not_allowed',
  );
}

function matches(pattern: string, name: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === name;
  const suffix = pattern.slice(1);
  return name.endsWith(suffix) && name.length > suffix.length && !name.startsWith('.');
}

/**
 * Throws a ForbiddenError unless the address may be connected to. Without TLS only private addresses may, and
 * those only where the administrator allowed them.
 */
export function requireAddress(
  policy: HostPolicy,
  host: string,
  address: string,
  secure: boolean,
): void {
  const found = classifyAddress(address);
  const where = hostName(host) === address ? address : `${hostName(host)} (${address})`;
  if (found === 'never') {
    throw refusal(where, 'is an address that Trueup never connects to', 'address_refused');
  }
  if (found === 'private' && !policy.allowPrivateNetwork) {
    throw refusal(
      where,
      'is a private address. If this system really is in your own network, add the connection with --allow-private-network',
      'private_address',
    );
  }
  if (found === 'public' && !secure) {
    throw refusal(where, 'would be called without TLS. Use https', 'tls_required');
  }
}

/** Parses a URL and throws a ForbiddenError unless its scheme, form, host and literal address are allowed. */
export function requireUrl(policy: HostPolicy, text: string): URL {
  if (!URL.canParse(text)) throw refusal('the address', 'is not a URL', 'bad_url');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw refusal(url.protocol, 'is no scheme of a web service. Use https', 'bad_url');
  }
  if (url.username !== '' || url.password !== '') {
    throw refusal(
      url.host,
      'comes with a user name in its address, which is never sent',
      'bad_url',
    );
  }
  requireHost(policy, url.hostname);
  const secure = url.protocol === 'https:';
  if (!secure && !policy.allowPrivateNetwork) {
    throw refusal(url.host, 'would be called without TLS. Use https', 'tls_required');
  }
  const name = hostName(url.hostname);
  if (isLiteral(name)) requireAddress(policy, name, name, secure);
  return url;
}

/** True for an IP address, as the URL parser spells it. */
export function isLiteral(name: string): boolean {
  return name.includes(':') || /^[\d.]+$/.test(name);
}

function refusal(what: string, why: string, reason: string): ForbiddenError {
  return new ForbiddenError(`Trueup does not connect there: ${what} ${why}.`, {
    details: { reason },
  });
}
