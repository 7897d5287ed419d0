import * as z from 'zod';
import { EachRow, MappingDocument, MappingOverride, RowName, Row } from './mapping-document.ts';

/** Where the schema of a mapping file is published, below the server's own address. */
const ID = '/schemas/mapping/v1.json';

const Fields = z.record(RowName, z.union([Row, EachRow]));

/** The file as people write it: the shapes that check it, but for rows, which are checked one by one there. */
const MappingFile = z
  .union([
    z.strictObject({ ...MappingDocument.shape, fields: Fields }),
    z.strictObject({ ...MappingOverride.shape, fields: Fields.optional() }),
  ])
  .meta({
    title: 'Trueup mapping',
    description:
      'Turns records of one vendor object into facts, or documents of ours into records of one vendor object.',
  });

/** A JSON Schema (draft 2020-12) of a mapping file, made from the very shapes that check it. */
export function mappingSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(MappingFile, { io: 'input', reused: 'ref' });
  return { ...schema, $id: ID };
}
