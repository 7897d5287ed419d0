import { PACKAGE_FIELDS, type PackageField } from './package-fields.ts';
import { STATUS_FIELDS } from './status-fields.ts';

/** What one folder installs. */
interface Package {
  readonly fields: readonly PackageField[];
  readonly permissionSet: string;
  readonly label: string;
}

/** Everything that Trueup needs. */
export const NEEDED: Package = {
  fields: PACKAGE_FIELDS,
  permissionSet: 'Trueup',
  label: 'Trueup',
};

/** What shows a status on records, for whoever wants it. */
export const STATUS: Package = {
  fields: STATUS_FIELDS,
  permissionSet: 'TrueupStatus',
  label: 'Trueup Status',
};

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>';
const NAMESPACE = 'http://soap.sforce.com/2006/04/metadata';
const API_VERSION = '67.0';

function element(name: string, content: string | number | boolean): string {
  return `<${name}>${content}</${name}>`;
}

function root(name: string, lines: readonly string[]): string {
  const body = lines.map((line) => `    ${line}`).join('\n');
  return `${HEAD}\n<${name} xmlns="${NAMESPACE}">\n${body}\n</${name}>\n`;
}

function typeLines(field: PackageField): readonly string[] {
  if (field.type === 'Text') {
    const keys = field.externalId
      ? [element('caseSensitive', true), element('externalId', true), element('unique', true)]
      : [];
    return [element('length', field.length ?? 255), ...keys];
  }
  if (field.type === 'Date') return [];
  return [element('precision', 18), element('scale', field.scale ?? 0)];
}

function fieldXml(field: PackageField): string {
  return root('CustomField', [
    element('fullName', field.name),
    element('description', field.description),
    element('label', field.label),
    element('required', false),
    element('type', field.type),
    ...typeLines(field),
  ]);
}

/** Reading every declared field; writing those of the objects that Trueup writes. */
function permissionSetXml({ fields: all, label }: Package): string {
  const objects = [...new Set(all.map((field) => field.object))];
  const fields = all.flatMap((field) => [
    '<fieldPermissions>',
    `    ${element('editable', true)}`,
    `    ${element('field', `${field.object}.${field.name}`)}`,
    `    ${element('readable', true)}`,
    '</fieldPermissions>',
  ]);
  const description = `Reads and writes the Trueup fields of ${objects.join(', ')}. Assign it to the integration user.`;
  return root('PermissionSet', [
    element('description', description),
    ...fields,
    element('hasActivationRequired', false),
    element('label', label),
  ]);
}

function manifestXml({ fields, permissionSet }: Package): string {
  const members = fields.map(
    (field) => `    ${element('members', `${field.object}.${field.name}`)}`,
  );
  return root('Package', [
    '<types>',
    ...members,
    `    ${element('name', 'CustomField')}`,
    '</types>',
    '<types>',
    `    ${element('members', permissionSet)}`,
    `    ${element('name', 'PermissionSet')}`,
    '</types>',
    element('version', API_VERSION),
  ]);
}

/** Every file of an installable package (source format), path below its folder to content. */
export function packageFiles(of: Package): ReadonlyMap<string, string> {
  const fields = of.fields.map((field): [string, string] => [
    `objects/${field.object}/fields/${field.name}.field-meta.xml`,
    fieldXml(field),
  ]);
  return new Map([
    ...fields,
    [`permissionsets/${of.permissionSet}.permissionset-meta.xml`, permissionSetXml(of)],
    ['package.xml', manifestXml(of)],
  ]);
}
