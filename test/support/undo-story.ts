import { expect } from '@jest/globals';
import { stringify } from 'yaml';
import type { OutboundDocumentName } from '../../src/canonical/outbound/outbound-documents.ts';
import { approveChange } from '../../src/app/flows/decide-change.ts';
import { publishChange } from '../../src/app/flows/publish-change.ts';
import { rollBackMapping } from '../../src/app/flows/roll-back-mapping.ts';
import { saveDraft } from '../../src/app/flows/save-draft.ts';
import { submitMapping } from '../../src/app/flows/submit-mapping.ts';
import { effectsOn, type Document } from '../../src/app/outbound-effects.ts';
import type { Publication } from '../../src/app/publish-change.ts';
import { deliverWork, request } from '../../src/app/request.ts';
import { proposeIntents } from '../../src/delivery/intents.ts';
import { getConnection } from '../../src/intake/connections.ts';
import { StaleError } from '../../src/kernel/errors.ts';
import { findDraft } from '../../src/mapping/drafts.ts';
import { liveVersion } from '../../src/mapping/versions.ts';
import { systemCaller, type Caller } from '../../src/security/caller.ts';
import { startHarness, type Harness } from './flow-harness.ts';

/** A company with open connections, and two people who publish outbound mappings and roll them back. */
export interface UndoStory {
  readonly world: Harness;
  readonly ana: Caller;
  readonly ben: Caller;
  versionInEffect(id: string): Promise<number>;
  /** What is in effect under an id, without its tests. */
  inEffect(id: string): Promise<Readonly<Record<string, unknown>>>;
  /** Puts what is in effect with a patch in effect, as the next version, and with `replay` has all documents written by it. */
  publish(id: string, patch: object, replay?: boolean): Promise<Publication>;
  rollBack(
    id: string,
    version: number,
    options?: { readonly overwrite?: boolean },
  ): Promise<Publication>;
  /** The same; null where that content is in effect already, so that there is no way back. */
  rollBackIfOther(id: string, version: number): Promise<Publication | null>;
  /** Has documents written by the mappings in effect, and works everything off. */
  write<Name extends OutboundDocumentName>(
    connection: string,
    documents: readonly Document<Name>[],
  ): Promise<void>;
}

/** Starts the story over the sample company. */
export async function undoStory(): Promise<UndoStory> {
  const world = await startHarness();
  const { tenantId } = world.caller;
  const [ana, ben] = [systemCaller(tenantId, 'ana'), systemCaller(tenantId, 'ben')];
  await world.allowWrites();
  await world.drain();
  const live = (id: string) => world.inTx((tx) => liveVersion(tx, world.deps.mappings, id));
  const carryOut = async (change: { readonly id: string; readonly hash: string }) => {
    await approveChange(world.deps, ben, { id: change.id, hash: change.hash });
    const done = await publishChange(world.deps, ben, { id: change.id });
    await world.drain();
    return done;
  };
  const inEffect = async (id: string) => {
    const { tests: _tests, ...document } = (await live(id))?.document ?? {};
    return document;
  };
  const story: UndoStory = {
    world,
    ana,
    ben,
    inEffect,
    versionInEffect: async (id) => (await live(id))?.version ?? 0,
    publish: async (id, patch, replay = true) => {
      const document = { ...(await inEffect(id)), ...patch };
      expect(await world.inTx((tx) => findDraft(tx, id))).toBeNull();
      const text = stringify(document, { aliasDuplicateObjects: false });
      await saveDraft(world.deps, ana, { id, seen: 'none', text });
      return carryOut(await submitMapping(world.deps, ana, { id, note: '', replay }));
    },
    rollBack: async (id, version, options = {}) => {
      const input = { id, version, restore: true, note: 'undo', ...options };
      return carryOut((await rollBackMapping(world.deps, ana, input)).change);
    },
    rollBackIfOther: (id, version) => story.rollBack(id, version).catch(sameContent),
    write: async (connection, documents) => {
      await world.inTx(async (tx) => {
        const target = await getConnection(tx, connection);
        const { effects, failures } = await effectsOn(world.deps, tx, target, documents);
        expect(failures).toEqual([]);
        const { targets } = await proposeIntents(tx, effects);
        await request(world.deps, tx, targets.map(deliverWork));
      });
      await world.drain();
    },
  };
  return story;
}

function sameContent(error: unknown): null {
  if (error instanceof StaleError && error.message.includes('in effect already')) return null;
  throw error;
}
