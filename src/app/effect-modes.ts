import type { TenantTx } from '../db/store.ts';
import type { Effect } from '../delivery/effect.ts';
import { listModes, modeOf, mostCareful, type ModeVerdict } from '../delivery/write-modes.ts';
import { connectionForRole } from '../intake/connections.ts';
import { commerceSettings } from './commerce-settings.ts';
import { agreementsByOwner } from './renewal-documents.ts';

/** How far each of some effects goes; the effects of one plan go together, as far as the most careful of them. */
export interface EffectModes {
  of(effect: Judged): ModeVerdict;
  ofAll(effects: readonly Effect[]): ModeVerdict;
}

/** Of an effect, or of a write that was planned of one. */
type Judged = Pick<Effect, 'connection' | 'about'>;

/** Reads the modes. The agreement of an effect is the one in force that ends last of the customer that it names. */
export async function loadModes(tx: TenantTx): Promise<EffectModes> {
  const settings = await listModes(tx);
  const agreements = settings.some(({ scope }) => scope === 'agreement')
    ? await agreementsByOwner(
        tx,
        await connectionForRole(tx, 'crm', (await commerceSettings(tx)).crm),
      )
    : new Map<string, never>();
  const verdict = ({ connection, about }: Judged, account: string | null): ModeVerdict =>
    modeOf(settings, {
      connection,
      agreement: agreements.get(account ?? '')?.externalRef ?? null,
      products: about?.products ?? [],
    });
  return {
    of: (effect) => verdict(effect, effect.about?.account ?? null),
    ofAll: (effects) => {
      const account = effects.map(({ about }) => about?.account ?? null).find((each) => each !== null); // prettier-ignore
      return mostCareful(
        effects.map((effect) => verdict(effect, effect.about?.account ?? account ?? null)),
      );
    },
  };
}
