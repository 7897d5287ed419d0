import { defineConnector } from '../../src/sdk/define-connector.ts';
import { ScimConfig, ScimSecrets } from './config.ts';
import { LIMITS } from './limits.ts';
import { openSession, STREAMS } from './session.ts';
import { WRITERS } from './writers.ts';

export default defineConnector({
  id: 'scim',
  title: 'SCIM 2.0 directory',
  role: 'directory',
  config: ScimConfig,
  secrets: ScimSecrets,
  streams: STREAMS,
  writers: WRITERS,
  limits: LIMITS,
  hosts: (config) => [new URL(config.baseUrl).hostname],
  open: async (context) => openSession(context),
});
