import { SUBSCRIBED } from '../delivery/webhooks/event-types.ts';
import type { WebhookEndpoint } from '../delivery/webhooks/endpoints.ts';
import { ForbiddenError, ValidationError } from '../kernel/errors.ts';
import type { Caller } from '../security/caller.ts';
import { requireUrl } from '../security/host-policy.ts';

/** Throws a ValidationError unless the address may be called and every type of event exists. */
export function checkEndpoint({
  url,
  types,
  allowPrivateNetwork,
}: Pick<WebhookEndpoint, 'url' | 'types' | 'allowPrivateNetwork'>): void {
  const unknown = types.filter((type) => !SUBSCRIBED.includes(type));
  if (unknown.length > 0) {
    throw refusal('/types', `There is no event ${unknown.join(', ')}. There are: ${SUBSCRIBED.join(', ')}.`); // prettier-ignore
  }
  if (!URL.canParse(url)) throw refusal('/url', 'The address is not a URL.');
  try {
    requireUrl({ hosts: [new URL(url).hostname], allowPrivateNetwork }, url);
  } catch (error) {
    if (!(error instanceof ForbiddenError)) throw error;
    throw refusal('/url', error.message);
  }
}

function refusal(pointer: string, message: string): ValidationError {
  return new ValidationError(message, { details: { problems: [{ pointer, message }] } });
}

/** An endpoint as the caller may see it: what follows the host may be a secret, and is for who may change it. */
export function endpointFor<Shown extends Pick<WebhookEndpoint, 'url'>>(
  caller: Pick<Caller, 'permissions'>,
  endpoint: Shown,
): Shown {
  if (caller.permissions.has('webhooks:write')) return endpoint;
  const { origin, pathname, search, hash } = new URL(endpoint.url);
  const isBare = pathname === '/' && search === '' && hash === '';
  return { ...endpoint, url: isBare ? `${origin}/` : `${origin}/…` };
}

/** The host of an address: the rest of it may be a secret of the receiver's. */
export function shownUrl(url: string): string {
  return new URL(url).host;
}
