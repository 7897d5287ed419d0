import { discoveryRoutes } from '../scim/discovery-routes.ts';
import { resourceRoutes } from '../scim/resource-routes.ts';
import { RESOURCE_TYPES } from '../scim/schemas.ts';

/** The SCIM 2.0 endpoint to which identity providers push (RFC 7644). */
export const routes = [
  ...discoveryRoutes(),
  ...resourceRoutes(RESOURCE_TYPES.Users),
  ...resourceRoutes(RESOURCE_TYPES.Groups),
];
