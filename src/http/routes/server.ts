import * as z from 'zod';
import { definePublicRoute } from '../define-route.ts';
import { loadRoutes } from '../load-routes.ts';
import { openApiDocument } from '../open-api.ts';

export const routes = [
  definePublicRoute({
    method: 'get',
    path: '/openapi.json',
    summary: 'This document.',
    response: z.looseObject({ openapi: z.string() }),
    handle: async ({ deps }) => openApiDocument(await loadRoutes(), deps.version),
  }),
];
