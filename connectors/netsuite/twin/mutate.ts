import type { JsonObject } from '../../../src/sdk/kernel.ts';
import type { TwinCore, TwinMutation } from '../../../src/sdk/twin-kit/twin-core.ts';
import { changed, commit, erase } from './change.ts';
import { PERSON } from './authors.ts';
import { REST_NAMES } from './schema.ts';
import { resolveIn, type State } from './state.ts';
import type { Row } from './table-cells.ts';

/** A change at the vendor's screen, by a person. Returns the record's id. Throws on what the vendor does not have. */
export function mutate(core: TwinCore, state: State, mutation: TwinMutation): string {
  const object = REST_NAMES[mutation.object]?.object ?? mutation.object;
  const type = state.type(object);
  if (type === undefined) throw new Error(`NetSuite's twin has no object "${mutation.object}".`);
  const before = mutation.id === undefined ? undefined : state.get(object, mutation.id);
  if (mutation.operation !== 'create' && before === undefined)
    throw new Error(`There is no ${object} with the id ${mutation.id ?? '(none given)'}.`);
  if (mutation.operation === 'delete') {
    if (before !== undefined) erase(core, state, before, PERSON, mutation.lateSeconds);
    return before?.id ?? '';
  }
  const onUnknown = (path: string): void => {
    throw new Error(`A ${object} has no field ${path}.`);
  };
  const reading = { resolve: resolveIn(state), onUnknown, onReadOnly: null };
  const defaults =
    type.transaction === undefined
      ? {}
      : {
          tranId: state.nextDocumentNumber(type),
          tranDate: core.clock.now().toISOString().slice(0, 10),
        };
  const id = before?.id ?? mutation.id ?? state.nextId();
  const after = changed(state, type, before, id, mutation.fields as JsonObject, {
    reading,
    replaceLines: false,
    defaults,
  });
  commit(core, state, after, PERSON, mutation.lateSeconds);
  return after.id;
}

/**
 * Moves rows under a reader, where the fault plan says so (`page_shift`): once a page that is not the last is out, its first record is
 * changed (and so moves to the end of a read by stamp), or with `{ "operation": "delete" }` is gone.
 */
export function shiftRows(core: TwinCore, state: State, page: readonly Row['record'][]): void {
  const [first] = page;
  const record = first === undefined ? undefined : state.get(first.object, first.id);
  if (record === undefined) return;
  const rule = core.faults.fires('page_shift', record.object, record.id);
  if (rule === undefined) return;
  if (rule.with?.['operation'] === 'delete') erase(core, state, record, PERSON);
  else commit(core, state, record, PERSON);
}
