import { getSettings } from '../../app/flows/get-settings.ts';
import { CommerceSettings, putSettings } from '../../app/flows/put-settings.ts';
import { defineRoute } from '../define-route.ts';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/settings',
    summary: 'What the company has decided about its deals and renewals.',
    permission: 'settings:read',
    etag: true,
    response: CommerceSettings,
    handle: ({ deps, caller }) => getSettings(deps, caller),
  }),
  defineRoute({
    method: 'put',
    path: '/api/v1/settings',
    summary: 'Replaces the settings; what is left out goes back to its default.',
    permission: 'settings:write',
    body: CommerceSettings,
    response: CommerceSettings,
    handle: ({ deps, caller, body }) => putSettings(deps, caller, body),
  }),
];
