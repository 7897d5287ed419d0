import type { VendorPush } from '../../../src/sdk/twin-kit/hooks.ts';
import { nthId } from './nth-id.ts';

const xmlText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** One notification of a message: its own id, and the record that it is about. */
export interface OutboundNote {
  readonly notification: string;
  readonly object: string;
  readonly id: string;
}

/** An Outbound Message as the vendor sends it, with no more of each record than its id. */
export function outboundMessage(organizationId: string, notes: readonly OutboundNote[]): string {
  const notifications = notes.map(
    ({ notification, object, id }) =>
      `<Notification><Id>${notification}</Id><sObject xsi:type="sf:${object}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>${xmlText(id)}</sf:Id></sObject></Notification>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>${organizationId}</OrganizationId><ActionId>04kTw0000000001AAA</ActionId><SessionId xsi:nil="true"/><EnterpriseUrl>https://twin.example/services/Soap/c/67.0</EnterpriseUrl><PartnerUrl>https://twin.example/services/Soap/u/67.0</PartnerUrl>${notifications.join('')}</notifications></soapenv:Body></soapenv:Envelope>`;
}

/** The organisation's Outbound Messages: one record each, each under a notification id of its own. */
export function createOutboundMessages(
  organizationId: string,
): (object: string, id: string) => VendorPush {
  let sent = 0;
  return (object, id) => {
    sent += 1;
    const note = { notification: nthId('04l', sent), object, id };
    return {
      contentType: 'text/xml; charset=UTF-8',
      body: outboundMessage(organizationId, [note]),
      isKept: (answer) => /<(?:\w+:)?Ack>\s*true\s*<\//.test(answer),
    };
  };
}
