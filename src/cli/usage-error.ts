import { HubError } from '../kernel/errors.ts';

/** The command line itself is wrong: exit 2. */
export class UsageError extends HubError {
  constructor(message: string) {
    super(message, { code: 'usage', status: 400, retryable: false });
  }
}
