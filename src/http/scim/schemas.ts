import type { DirectoryKind } from '../../app/flows/read-directory.ts';
import { attribute, complex, plural, type Attribute } from './attribute.ts';

export const USER_URN = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP_URN = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE_URN = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** A schema as `/Schemas` shows it (RFC 7643 §7). */
export interface Schema {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
}

const REF = {
  type: 'reference',
  mutability: 'readOnly',
  caseExact: true,
} as const satisfies Partial<Attribute>;

const NAME = complex('name', 'The parts of the person’s name.', [
  attribute('formatted', 'The whole name as it is shown.'),
  attribute('familyName', 'The family name.'),
  attribute('givenName', 'The given name.'),
  attribute('middleName', 'The middle names.'),
  attribute('honorificPrefix', 'A title before the name.'),
  attribute('honorificSuffix', 'A suffix after the name.'),
]);

const ADDRESSES = complex(
  'addresses',
  'Where the person can be reached by post.',
  [
    attribute('formatted', 'The whole address as it is shown.'),
    attribute('streetAddress', 'Street and number.'),
    attribute('locality', 'City or town.'),
    attribute('region', 'State or region.'),
    attribute('postalCode', 'Postal code.'),
    attribute('country', 'ISO 3166-1 alpha-2 code.'),
    attribute('type', 'What the address is for.', { canonicalValues: ['work', 'home', 'other'] }),
    attribute('primary', 'Whether it is the preferred one.', { type: 'boolean' }),
  ],
  { multiValued: true },
);

const GROUPS = complex(
  'groups',
  'The groups that the user is a direct member of; changed through the groups.',
  [
    attribute('value', 'The id of the group.', { mutability: 'readOnly', caseExact: true }),
    attribute('$ref', 'Where the group is.', { ...REF, referenceTypes: ['Group'] }),
    attribute('display', 'The name of the group.', { mutability: 'readOnly' }),
    attribute('type', 'How the user is a member.', {
      mutability: 'readOnly',
      canonicalValues: ['direct'],
    }),
  ],
  { multiValued: true, mutability: 'readOnly' },
);

const USER: Schema = {
  id: USER_URN,
  name: 'User',
  description: 'A login of a person or a service.',
  attributes: [
    attribute('userName', 'The name with which the user signs in.', {
      required: true,
      uniqueness: 'server',
    }),
    NAME,
    attribute('displayName', 'The name as it is shown.'),
    attribute('nickName', 'What the person is called.'),
    attribute('profileUrl', 'The person’s page.', {
      type: 'reference',
      caseExact: true,
      referenceTypes: ['external'],
    }),
    attribute('title', 'The person’s job.'),
    attribute('userType', 'The relation of the person to the organisation.'),
    attribute('preferredLanguage', 'As in Accept-Language.'),
    attribute('locale', 'A language tag for dates and numbers.'),
    attribute('timezone', 'A name of the IANA time zone database.'),
    attribute('active', 'Whether the user may sign in. One who may not holds no seat.', {
      type: 'boolean',
    }),
    attribute('password', 'Taken and forgotten: nobody signs in to Trueup with it.', {
      mutability: 'writeOnly',
      returned: 'never',
      caseExact: true,
    }),
    plural('emails', 'E-mail addresses.', ['work', 'home', 'other']),
    plural('phoneNumbers', 'Telephone numbers.', ['work', 'home', 'mobile', 'fax', 'other']),
    plural('ims', 'Addresses of instant messaging.', []),
    plural('photos', 'Pictures of the person.', ['photo', 'thumbnail'], {
      value: { type: 'reference', caseExact: true, referenceTypes: ['external'] },
    }),
    ADDRESSES,
    GROUPS,
    plural('entitlements', 'What the user may use; the type “license” is a seat.', []),
    plural('roles', 'The roles that the user has in the organisation.', []),
    plural('x509Certificates', 'Certificates, DER in base64.', [], {
      value: { type: 'binary', caseExact: true },
    }),
  ],
};

const ENTERPRISE: Schema = {
  id: ENTERPRISE_URN,
  name: 'EnterpriseUser',
  description: 'What an employer says of a user.',
  attributes: [
    attribute('employeeNumber', 'The number that the employer gave.'),
    attribute('costCenter', 'The cost centre.'),
    attribute('organization', 'The organisation.'),
    attribute('division', 'The division.'),
    attribute('department', 'The department.'),
    complex('manager', 'The user’s manager.', [
      attribute('value', 'The id of the manager.', { caseExact: true }),
      attribute('$ref', 'Where the manager is.', {
        type: 'reference',
        caseExact: true,
        referenceTypes: ['User'],
      }),
      attribute('displayName', 'The manager’s name.', { mutability: 'readOnly' }),
    ]),
  ],
};

const GROUP: Schema = {
  id: GROUP_URN,
  name: 'Group',
  description: 'A group of users and groups.',
  attributes: [
    attribute('displayName', 'The name of the group.', { required: true }),
    complex(
      'members',
      'Users and groups of this directory.',
      [
        attribute('value', 'The id of the member.', { mutability: 'immutable', caseExact: true }),
        attribute('$ref', 'Where the member is.', {
          type: 'reference',
          mutability: 'immutable',
          caseExact: true,
          referenceTypes: ['User', 'Group'],
        }),
        attribute('type', 'User or Group.', {
          mutability: 'immutable',
          canonicalValues: ['User', 'Group'],
        }),
        attribute('display', 'The member’s name.', { mutability: 'immutable' }),
      ],
      { multiValued: true },
    ),
  ],
};

/** Attributes that every resource has and no schema lists (RFC 7643 §3.1). */
export const COMMON: readonly Attribute[] = [
  attribute('id', 'The id that we gave.', {
    caseExact: true,
    mutability: 'readOnly',
    returned: 'always',
  }),
  attribute('externalId', 'The provider’s own id. Data: nothing is found by it but by a filter.', {
    caseExact: true,
  }),
  attribute('schemas', 'The schemas of the resource.', {
    type: 'reference',
    multiValued: true,
    caseExact: true,
    returned: 'always',
  }),
  complex(
    'meta',
    'About the resource.',
    [
      attribute('resourceType', 'User or Group.', { mutability: 'readOnly', caseExact: true }),
      attribute('created', 'When it was made.', { type: 'dateTime', mutability: 'readOnly' }),
      attribute('lastModified', 'When it last changed.', {
        type: 'dateTime',
        mutability: 'readOnly',
      }),
      attribute('location', 'Where it is.', REF),
      attribute('version', 'Its ETag.', { mutability: 'readOnly', caseExact: true }),
    ],
    { mutability: 'readOnly' },
  ),
];

/** A kind of resource that is served. */
export interface ResourceType {
  readonly kind: DirectoryKind;
  readonly name: 'User' | 'Group';
  readonly schema: Schema;
  readonly extensions: readonly Schema[];
}

export const RESOURCE_TYPES: Readonly<Record<DirectoryKind, ResourceType>> = {
  Users: { kind: 'Users', name: 'User', schema: USER, extensions: [ENTERPRISE] },
  Groups: { kind: 'Groups', name: 'Group', schema: GROUP, extensions: [] },
};

export const SCHEMAS: readonly Schema[] = [USER, GROUP, ENTERPRISE];
