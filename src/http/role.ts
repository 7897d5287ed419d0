/** The roles, for routes: a route knows no room. */
export { Role } from '../security/permissions.ts';
