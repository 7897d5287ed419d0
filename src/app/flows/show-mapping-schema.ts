import { mappingSchema } from '../../mapping/language/mapping-schema.ts';

/** The JSON Schema of a mapping file, for editors and for whoever writes mappings with a program. */
export async function showMappingSchema(): Promise<Readonly<Record<string, unknown>>> {
  return mappingSchema();
}
