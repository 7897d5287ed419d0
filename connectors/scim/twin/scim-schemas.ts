/** One attribute as RFC 7643 §7 describes it; what `/Schemas` publishes and what the server enforces. */
export interface ScimAttribute {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'complex' | 'dateTime' | 'reference' | 'binary';
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: 'readWrite' | 'readOnly' | 'immutable' | 'writeOnly';
  readonly returned: 'default' | 'always' | 'never' | 'request';
  readonly uniqueness: 'none' | 'server' | 'global';
  readonly subAttributes?: readonly ScimAttribute[];
}

export interface ScimSchema {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly ScimAttribute[];
}

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';
/** Ours: the HR fields for which RFC 7643 has no place. */
export const EMPLOYMENT_SCHEMA = 'urn:trueup:params:scim:schemas:extension:employment:2.0:User';
export const ENTERPRISE_SCHEMA = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

function attribute(
  name: string,
  description: string,
  rest: Partial<ScimAttribute> = {},
): ScimAttribute {
  return {
    name,
    type: 'string',
    multiValued: false,
    description,
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...rest,
  };
}

/** The shape that RFC 7643 §2.4 gives to a multi-valued attribute. */
function plural(
  name: string,
  description: string,
  rest: Partial<ScimAttribute> = {},
): ScimAttribute {
  return attribute(name, description, {
    type: 'complex',
    multiValued: true,
    subAttributes: [
      attribute('value', `A value of ${name}.`),
      attribute('display', 'A name for people to read.'),
      attribute('type', 'What the value is for, such as work.'),
      attribute('primary', 'True for at most one value.', { type: 'boolean' }),
    ],
    ...rest,
  });
}

const reference = attribute('$ref', 'The URI of the resource.', {
  type: 'reference',
  caseExact: true,
});

/** Attributes that every resource has (RFC 7643 §3.1); `/Schemas` does not list them. */
export const COMMON_ATTRIBUTES: readonly ScimAttribute[] = [
  attribute('id', 'The identifier that the service provider gave.', {
    caseExact: true,
    mutability: 'readOnly',
    returned: 'always',
    uniqueness: 'server',
  }),
  attribute('externalId', 'The identifier that the client gave.', { caseExact: true }),
  attribute('schemas', 'The URIs of the schemas in use.', {
    type: 'reference',
    multiValued: true,
    caseExact: true,
    required: true,
    returned: 'always',
  }),
  attribute('meta', 'What the service provider knows about the record.', {
    type: 'complex',
    mutability: 'readOnly',
    subAttributes: [
      attribute('resourceType', 'User or Group.', { caseExact: true }),
      attribute('created', 'When it was added.', { type: 'dateTime' }),
      attribute('lastModified', 'When it was last changed.', { type: 'dateTime' }),
      attribute('location', 'Its URI.', { type: 'reference', caseExact: true }),
      attribute('version', 'Its entity tag.', { caseExact: true }),
    ],
  }),
];

const User: ScimSchema = {
  id: USER_SCHEMA,
  name: 'User',
  description: 'User Account',
  attributes: [
    attribute('userName', 'What the person signs in with.', {
      required: true,
      uniqueness: 'server',
    }),
    attribute('name', 'The parts of the name.', {
      type: 'complex',
      subAttributes: [
        attribute('formatted', 'The full name.'),
        attribute('familyName', 'The family name.'),
        attribute('givenName', 'The given name.'),
        attribute('middleName', 'The middle names.'),
        attribute('honorificPrefix', 'Such as Dr.'),
        attribute('honorificSuffix', 'Such as III.'),
      ],
    }),
    attribute('displayName', 'The name to show.'),
    attribute('nickName', 'The casual name.'),
    attribute('profileUrl', 'The page of the person.', { type: 'reference' }),
    attribute('title', 'Such as Vice President.'),
    attribute('userType', 'Such as Employee, Contractor or Service.'),
    attribute('preferredLanguage', 'As in Accept-Language.'),
    attribute('locale', 'As in RFC 5646.'),
    attribute('timezone', 'An Olson zone.'),
    attribute('active', 'True if the login works.', { type: 'boolean' }),
    attribute('password', 'Written, never given back.', {
      caseExact: true,
      mutability: 'writeOnly',
      returned: 'never',
    }),
    plural('emails', 'E-mail addresses.'),
    plural('phoneNumbers', 'Telephone numbers.'),
    plural('entitlements', 'What the person is entitled to; a licence by its SKU.'),
    plural('roles', 'Roles.'),
  ],
};

const Enterprise: ScimSchema = {
  id: ENTERPRISE_SCHEMA,
  name: 'EnterpriseUser',
  description: 'Enterprise User',
  attributes: [
    attribute('employeeNumber', 'The number that the employer gave.'),
    attribute('costCenter', 'The cost centre.'),
    attribute('organization', 'The organisation.'),
    attribute('division', 'The division.'),
    attribute('department', 'The department.'),
    attribute('manager', 'The manager.', {
      type: 'complex',
      subAttributes: [
        attribute('value', 'The id of the manager’s User.', { caseExact: true }),
        reference,
        attribute('displayName', 'The name of the manager.', { mutability: 'readOnly' }),
      ],
    }),
  ],
};

const Employment: ScimSchema = {
  id: EMPLOYMENT_SCHEMA,
  name: 'Employment',
  description: 'What HR knows of the person',
  attributes: [
    attribute('startDate', 'The first day of employment.'),
    attribute('endDate', 'The last day of employment.'),
    attribute('type', 'Employee, contractor or temp.'),
    attribute('jobRole', 'The role.'),
    attribute('projects', 'What the person works on.', { multiValued: true }),
  ],
};

const Group: ScimSchema = {
  id: GROUP_SCHEMA,
  name: 'Group',
  description: 'Group',
  attributes: [
    attribute('displayName', 'The name of the group.', { required: true }),
    attribute('members', 'The members.', {
      type: 'complex',
      multiValued: true,
      subAttributes: [
        attribute('value', 'The id of the member.', { caseExact: true, mutability: 'immutable' }),
        reference,
        attribute('display', 'The name of the member.', { mutability: 'readOnly' }),
        attribute('type', 'User or Group.', { mutability: 'immutable' }),
      ],
    }),
  ],
};

export const SCHEMAS: readonly ScimSchema[] = [User, Enterprise, Employment, Group];

/** A kind of resource: its endpoint, its schema, and the extensions it may carry. */
export interface ScimResourceType {
  readonly name: 'User' | 'Group';
  readonly endpoint: 'Users' | 'Groups';
  readonly core: ScimSchema;
  readonly extensions: readonly ScimSchema[];
}

export const RESOURCE_TYPES: readonly ScimResourceType[] = [
  { name: 'User', endpoint: 'Users', core: User, extensions: [Enterprise, Employment] },
  { name: 'Group', endpoint: 'Groups', core: Group, extensions: [] },
];

/** The resource type behind `Users` or `Groups`, or undefined. */
export function resourceTypeOf(endpoint: string): ScimResourceType | undefined {
  return RESOURCE_TYPES.find((type) => type.endpoint === endpoint);
}
