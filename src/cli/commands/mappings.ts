import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { registerBrowse } from '../mappings/browse.ts';
import { registerEdit } from '../mappings/edit.ts';
import { registerPreview } from '../mappings/preview.ts';
import { registerReview } from '../mappings/review.ts';
import { registerRules } from '../mappings/rules.ts';
import { registerShadow } from '../mappings/shadow.ts';
import { registerSuggest } from '../mappings/suggest.ts';
import { registerTransfer } from '../mappings/transfer.ts';
import { registerUndo } from '../mappings/undo.ts';
import { registerValidate } from '../mappings/validate.ts';
import { noun } from '../nouns.ts';

/** `mappings`: how records of one system become facts, and documents of ours become records of another. */
export function register(program: Command, cli: Cli): void {
  const mappings = noun(
    program,
    'mappings',
    'How fields of one system become fields of another',
    'trueup mappings list',
  );
  registerBrowse(mappings, cli);
  registerEdit(mappings, cli);
  registerValidate(mappings, cli);
  registerSuggest(mappings, cli);
  registerPreview(mappings, cli);
  registerShadow(mappings, cli);
  registerReview(mappings, cli);
  registerUndo(mappings, cli);
  registerTransfer(mappings, cli);
  registerRules(mappings, cli);
}
