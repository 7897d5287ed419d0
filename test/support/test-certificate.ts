import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** A certificate with its key, in PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** What signs other certificates. */
export interface TestAuthority extends TestCertificate {
  /** A certificate for a host name, by default valid from yesterday to tomorrow. */
  issue(host: string, validity?: { readonly from: Date; readonly to: Date }): TestCertificate;
}

const DAY_MS = 86_400_000;
const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

/** An authority that nobody knows yet; made anew for each test run, so no key lies in the repository. */
export function testAuthority(name = 'Test authority'): TestAuthority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const isAuthority = extension('2.5.29.19', sequence(tlv(0x01, Buffer.from([0xff]))));
  return {
    cert: certificate({ subject: name, issuer: name, extensions: isAuthority, publicKey: own.publicKey, signer: own.privateKey, ...aroundNow() }),
    key: pem(own.privateKey),
    issue: (host, validity = aroundNow()) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const names = extension('2.5.29.17', sequence(tlv(0x82, Buffer.from(host))));
      return {
        cert: certificate({ subject: host, issuer: name, extensions: names, publicKey, signer: own.privateKey, ...validity }),
        key: pem(privateKey),
      };
    },
  };
} // prettier-ignore

function aroundNow(): { readonly from: Date; readonly to: Date } {
  return { from: new Date(Date.now() - DAY_MS), to: new Date(Date.now() + DAY_MS) };
}

/** An X.509 version 3 certificate (RFC 5280, section 4.1), as little of it as TLS asks for. */
function certificate(given: {
  readonly subject: string;
  readonly issuer: string;
  readonly from: Date;
  readonly to: Date;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: Buffer;
}): string {
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([1, ...Buffer.from(given.subject).subarray(0, 12)])),
    ECDSA_SHA256,
    commonName(given.issuer),
    sequence(time(given.from), time(given.to)),
    commonName(given.subject),
    given.publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(given.extensions)),
  );
  const signature = sign('sha256', body, given.signer);
  const der = sequence(body, ECDSA_SHA256, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function tlv(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const head =
    length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255]; // prettier-ignore
  return Buffer.concat([Buffer.from(head), value]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = rest.flatMap((part) => {
    const groups = [part & 127];
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 127) | 128);
    return groups;
  });
  return tlv(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), tlv(0x04, value));
}

function commonName(name: string): Buffer {
  return sequence(tlv(0x31, sequence(oid('2.5.4.3'), tlv(0x0c, Buffer.from(name)))));
}

/** GeneralizedTime, to the second. */
function time(at: Date): Buffer {
  return tlv(0x18, Buffer.from(`${at.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`));
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
