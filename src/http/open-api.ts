import * as z from 'zod';
import {
  createDocument,
  type ZodOpenApiPathsObject,
  type ZodOpenApiOperationObject,
} from 'zod-openapi';
import type { Route } from './define-route.ts';
import { Problem } from './problem.ts';

/** The OpenAPI 3.1 document of these routes, made from the very schemas that check requests and answers. */
export function openApiDocument(routes: readonly Route[], version: string) {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of routes) {
    if (route.undocumented === true) continue;
    const methods = (paths[route.path] ??= {});
    methods[route.method] = operationOf(route);
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Trueup',
      version,
      description:
        'Squares software licences between CRM, ERP, people directories and telemetry. Directories push to /scim/v2, ' +
        'which speaks SCIM 2.0 (RFC 7643, RFC 7644) and describes itself at /scim/v2/Schemas.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ apiKey: [] }],
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'tru_…' } },
    },
    paths: paths satisfies ZodOpenApiPathsObject,
  });
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const path = asObject(route.params);
  const query = asObject(route.query);
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [route.path.split('/')[3]?.split(':')[0] ?? 'server'],
    ...(route.permission === 'public' ? { security: [] } : { 'x-permission': route.permission }),
    ...(path === undefined && query === undefined
      ? {}
      : { requestParams: { ...(path && { path }), ...(query && { query }) } }),
    ...(route.body === undefined ? {} : { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } }), // prettier-ignore
    responses: {
      [String(route.status) as '200']: {
        description: 'Done.',
        content: { [route.text ?? 'application/json']: { schema: route.response } },
      },
      default: {
        description: 'An error.',
        content: { 'application/problem+json': { schema: Problem } },
      },
    },
  };
}

function asObject(schema: z.ZodType | undefined): z.ZodObject | undefined {
  return schema instanceof z.ZodObject ? schema : undefined;
}

/** `post /api/v1/plans/{id}:approve` is `postPlansIdApprove`: unique, as paths are. */
function operationId(route: Route): string {
  const words = route.path
    .replace('/api/v1', '')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
  return route.method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
