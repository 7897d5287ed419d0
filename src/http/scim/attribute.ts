/** An attribute of a SCIM schema, with the characteristics of RFC 7643 §7. */
export interface Attribute {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'dateTime' | 'reference' | 'binary' | 'complex';
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: 'readWrite' | 'readOnly' | 'writeOnly' | 'immutable';
  readonly returned: 'always' | 'default' | 'never';
  readonly uniqueness: 'none' | 'server';
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes: readonly Attribute[];
}

type Traits = Partial<Omit<Attribute, 'name' | 'description'>>;

/** An attribute; what is not said is what RFC 7643 §2.2 takes as given. */
export function attribute(name: string, description: string, traits: Traits = {}): Attribute {
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
    subAttributes: [],
    ...traits,
  };
}

/** A complex attribute. */
export function complex(
  name: string,
  description: string,
  subAttributes: readonly Attribute[],
  traits: Traits = {},
): Attribute {
  return attribute(name, description, { type: 'complex', subAttributes, ...traits });
}

/** A list of values with a type, a label and a mark of the preferred one (RFC 7643 §2.4). */
export function plural(
  name: string,
  description: string,
  types: readonly string[],
  traits: { readonly value?: Traits; readonly more?: readonly Attribute[] } = {},
): Attribute {
  const canonical = types.length === 0 ? {} : { canonicalValues: types };
  return complex(
    name,
    description,
    [
      attribute('value', 'The value itself.', traits.value ?? {}),
      attribute('display', 'How a person reads the value.'),
      attribute('type', 'What the value is for.', canonical),
      attribute('primary', 'Whether it is the preferred one of its list.', { type: 'boolean' }),
      ...(traits.more ?? []),
    ],
    { multiValued: true },
  );
}

/** The attribute of that name, however it is spelled; names are not case-sensitive (RFC 7643 §2.1). */
export function attributeNamed(
  attributes: readonly Attribute[],
  name: string,
): Attribute | undefined {
  const wanted = name.toLowerCase();
  return attributes.find((each) => each.name.toLowerCase() === wanted);
}
