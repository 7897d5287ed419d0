import * as z from 'zod';
import { AuthExpired, RemoteUnavailable } from '../../src/sdk/kernel.ts';
import type { SalesforceClient } from './client.ts';

/** A message of the bus: the answer to one of ours, or an event. */
const Message = z.looseObject({
  channel: z.string(),
  successful: z.boolean().optional(),
  clientId: z.string().optional(),
  error: z.string().optional(),
  ext: z
    .looseObject({ sfdc: z.looseObject({ failureReason: z.string().optional() }).optional() })
    .optional(),
  advice: z
    .looseObject({ reconnect: z.string().optional(), interval: z.number().optional() })
    .optional(),
  data: z.unknown().optional(),
});
export type BusMessage = z.infer<typeof Message>;

/** A session on the event bus. */
export interface Bus {
  /**
   * Listens to a channel from this place on. `-1`: what comes from now on. Returns the vendor's refusal, which may be
   * about the place, the channel or our rights to it; null when it listens.
   */
  subscribe(channel: string, replay: number): Promise<string | null>;
  /** Waits until something comes or the vendor ends the wait (two minutes at most). */
  poll(): Promise<readonly BusMessage[]>;
  /** Says goodbye; a failure of that changes nothing. */
  leave(): Promise<void>;
}

/** Cookies of an answer as the next request sends them: the vendor's load balancer needs them back. */
function cookiesOf(header: string | undefined): string {
  const pairs = (header ?? '').matchAll(/(?:^|,)\s*([^=;,\s]+=[^;,]*)/g);
  return [...pairs].map(([, pair]) => pair).join('; ');
}

function parse(body: string): readonly BusMessage[] {
  try {
    return z.array(Message).parse(JSON.parse(body));
  } catch (error) {
    throw new RemoteUnavailable(
      'The event bus of Salesforce answered something that is not Bayeux. It is tried again.',
      { cause: error },
    );
  }
}

/** Why a message of the bus says that the session is over. */
function failure(reply: BusMessage | undefined, what: string): Error {
  const reason = reply?.ext?.sfdc?.failureReason ?? reply?.error ?? 'no reply';
  if (reason.startsWith('401'))
    return new AuthExpired(
      `The event bus of Salesforce refuses the session while ${what} (${reason.slice(0, 300)}). Check that the integration user may use the API and receive events.`,
    );
  return new RemoteUnavailable(
    `The event bus of Salesforce ended the session while ${what} (${reason.slice(0, 300)}). It is opened anew.`,
  );
}

/**
 * Opens a session on the streaming endpoint: Bayeux 1.0 over long polling, through the connection's guarded client.
 * Small and our own: the library that jsforce uses (faye) opens sockets itself and reads proxy variables.
 */
export async function openBus(client: SalesforceClient, signal: AbortSignal): Promise<Bus> {
  const path = `/cometd/${client.apiVersion}`;
  let cookie = '';
  let lastId = 0;
  const send = async (what: string, message: object, stop?: AbortSignal) => {
    lastId += 1;
    const { headers, body } = await client.raw({
      what,
      method: 'POST',
      path,
      accept: 'application/json',
      headers: {
        'content-type': 'application/json',
        ...(cookie === '' ? {} : { cookie }),
      },
      body: JSON.stringify([{ ...message, id: String(lastId) }]),
      signal: stop,
    });
    const given = cookiesOf(headers['set-cookie']);
    if (given !== '') cookie = given;
    return parse(body);
  };
  const shake = {
    channel: '/meta/handshake',
    version: '1.0',
    minimumVersion: '1.0',
    supportedConnectionTypes: ['long-polling'],
  };
  const [greeting] = await send('joining the event bus', shake, signal);
  const clientId = greeting?.clientId;
  if (greeting?.successful !== true || clientId === undefined)
    throw failure(greeting, 'joining the event bus');
  return {
    subscribe: async (subscription, replay) => {
      const ext = { replay: { [subscription]: replay } };
      const message = { channel: '/meta/subscribe', clientId, subscription, ext };
      const replies = await send(`subscribing to ${subscription}`, message, signal);
      const reply = replies.find((each) => each.channel === '/meta/subscribe');
      if (reply?.successful === true) return null;
      const { error = '' } = reply ?? {};
      if (/^40[034]/.test(error) && reply?.advice?.reconnect === undefined) return error;
      throw failure(reply, `subscribing to ${subscription}`);
    },
    poll: async () => {
      const message = { channel: '/meta/connect', clientId, connectionType: 'long-polling' };
      const replies = await send('listening to the event bus', message, signal);
      const reply = replies.find((each) => each.channel === '/meta/connect');
      const events = replies.filter((each) => each.data !== undefined);
      if (reply?.successful === false && events.length === 0)
        throw failure(reply, 'listening to the event bus');
      return events;
    },
    leave: async () => {
      const message = { channel: '/meta/disconnect', clientId };
      await send('leaving the event bus', message, AbortSignal.timeout(2_000)).catch(
        () => undefined,
      );
    },
  };
}
