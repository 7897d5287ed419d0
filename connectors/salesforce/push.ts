import { XMLParser } from 'fast-xml-parser';
import * as z from 'zod';
import { ForbiddenError, ValidationError } from '../../src/sdk/kernel.ts';
import type { PushNote, PushScheme } from '../../src/sdk/push.ts';
import { longId } from './record-id.ts';
import type { SalesforceConfig } from './settings.ts';

/** The vendor puts at most so many notifications into one message. */
const MOST_NOTES = 100;
/** Envelope, Body, notifications, Notification, sObject, field, and compound fields below it. */
const MOST_LEVELS = 10;

const RecordId = z.string().regex(/^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$/);

const Note = z.object({
  Id: RecordId,
  sObject: z.object({
    '@type': z.string().regex(/^(?:[A-Za-z0-9_]+:)?[A-Za-z][A-Za-z0-9_]*$/),
    Id: RecordId,
  }),
});

const Message = z.object({
  Envelope: z.object({
    Body: z.object({
      notifications: z.object({
        OrganizationId: RecordId,
        Notification: z.array(Note).min(1).max(MOST_NOTES),
      }),
    }),
  }),
});
type Message = z.infer<typeof Message>;

/** Names without their prefix, no entities, no conversion of texts, no depth without end. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  processEntities: false,
  parseTagValue: false,
  parseAttributeValue: false,
  maxNestedTags: MOST_LEVELS,
  isArray: (name) => name === 'Notification',
});

function refused(why: string): ValidationError {
  return new ValidationError(
    `This is not an Outbound Message of Salesforce: ${why}. Point the message at this address and select the Id field.`,
  );
}

/** A document type could define entities; no message of the vendor has one. */
function textOf(body: Buffer): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw refused('it is not UTF-8');
  }
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) throw refused('it declares a document type');
  return text;
}

function messageOf(body: Buffer): Message {
  const text = textOf(body);
  let tree: unknown;
  try {
    tree = parser.parse(text, true);
  } catch (error) {
    throw refused(error instanceof Error ? error.message.slice(0, 200) : 'it is not XML');
  }
  const parsed = Message.safeParse(tree);
  if (parsed.success) return parsed.data;
  throw refused(`${parsed.error.issues[0]?.path.join('.') ?? 'its body'} is not as expected`);
}

function requireOrganisation(config: SalesforceConfig, sender: string): void {
  if (config.organizationId === undefined)
    throw new ForbiddenError(
      'Set organizationId on this connection: an Outbound Message is taken only from the organisation that it names.',
    );
  if (longId(config.organizationId) === longId(sender)) return;
  throw new ForbiddenError(
    'This Outbound Message comes from another organisation than this connection’s.',
  );
}

/**
 * Salesforce Outbound Messages: SOAP with up to 100 notifications, sent at least once, out of order, for 24 hours. They
 * carry no signature; a secret in the address and the organisation's id stand for one. What they say of a record is
 * not used.
 */
export const OUTBOUND_MESSAGES: PushScheme<SalesforceConfig> = {
  title: 'Salesforce Outbound Messages',
  read: (body, config) => {
    const { OrganizationId, Notification } = messageOf(body).Envelope.Body.notifications;
    requireOrganisation(config, OrganizationId);
    return Notification.map(({ Id, sObject }): PushNote => ({
      eventId: longId(Id),
      object: sObject['@type'].replace(/^.*:/, ''),
      id: longId(sObject.Id),
    }));
  },
  acknowledgement:
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>',
};
