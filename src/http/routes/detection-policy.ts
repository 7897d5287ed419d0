import { getDetectionPolicy } from '../../app/flows/get-detection-policy.ts';
import { putDetectionPolicy, DetectionPolicy } from '../../app/flows/put-detection-policy.ts';
import { defineRoute } from '../define-route.ts';

export const routes = [
  defineRoute({
    method: 'get',
    path: '/api/v1/detection-policy',
    summary: 'From when on something is a finding.',
    permission: 'settings:read',
    etag: true,
    response: DetectionPolicy,
    handle: ({ deps, caller }) => getDetectionPolicy(deps, caller),
  }),
  defineRoute({
    method: 'put',
    path: '/api/v1/detection-policy',
    summary: 'Replaces from when on something is a finding.',
    permission: 'settings:write',
    body: DetectionPolicy,
    response: DetectionPolicy,
    handle: ({ deps, caller, body }) => putDetectionPolicy(deps, caller, body),
  }),
];
