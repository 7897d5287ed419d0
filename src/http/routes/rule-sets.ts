import * as z from 'zod';
import { activateRuleSet, rollBackRuleSet } from '../../app/flows/activate-rule-set.ts';
import { approveRuleSet, declineRuleSet } from '../../app/flows/decide-rule-set.ts';
import {
  createRuleSet,
  saveRuleDraft,
  submitRuleSet,
  validateRuleSet,
} from '../../app/flows/edit-rule-set.ts';
import {
  listLicenceMetrics,
  listRuleSets,
  showRuleSet,
  showRuleVersion,
} from '../../app/flows/list-rule-sets.ts';
import { shadowRuleSet } from '../../app/flows/shadow-rule-set.ts';
import { CalendarDate } from '../../canonical/fields.ts';
import { defineRoute } from '../define-route.ts';
import { Slug } from '../fields.ts';
import { PageQuery, pageOf, slicePage } from '../paging.ts';
import {
  LicenceMetric,
  RuleCheck,
  RuleSet,
  RuleSetLife,
  RuleSetTerms,
  RuleShadow,
  RuleVersion,
  RuleVersionText,
  ShownRuleSet,
} from '../rule-set-shapes.ts';

const Words = z.string().trim().min(1).max(4000);
const MaybeWords = Words.nullable().default(null);
const Document = z.record(z.string(), z.json()).meta({
  description: 'A version of a rule set, as `trueup schema rule-set` describes it.',
});
const OneParam = z.strictObject({ id: Slug });
const VersionParam = OneParam.extend({
  version: z
    .string()
    .max(20)
    .meta({ description: 'Such as 1.4.0; `draft` for the one that is worked on.' }),
});
const ONE = '/api/v1/rule-sets/{id}';
const VERSION = `${ONE}/versions/{version}`;

const reading = [
  defineRoute({
    method: 'get',
    path: '/api/v1/licence-metrics',
    summary: 'The metrics that are installed, with the parameters that rule sets may state.',
    permission: 'rules:read',
    query: PageQuery,
    response: pageOf(LicenceMetric),
    handle: async ({ deps, query }) => slicePage(listLicenceMetrics(deps.registry), query),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/rule-sets',
    summary: 'The rule sets of the company, with what is in force.',
    permission: 'rules:read',
    query: PageQuery,
    response: pageOf(ShownRuleSet),
    handle: async ({ deps, caller, query }) => slicePage(await listRuleSets(deps, caller), query),
  }),
  defineRoute({
    method: 'get',
    path: ONE,
    summary: 'One rule set with its versions, and the days on which each holds.',
    permission: 'rules:read',
    params: OneParam,
    etag: true,
    response: RuleSetLife,
    handle: ({ deps, caller, params }) => showRuleSet(deps, caller, params.id),
  }),
  defineRoute({
    method: 'get',
    path: VERSION,
    summary: 'One version: its document, what its checks say, and what it was last seen to do.',
    permission: 'rules:read',
    params: VersionParam,
    etag: true,
    response: RuleVersionText,
    handle: ({ deps, caller, params }) => showRuleVersion(deps, caller, params),
  }),
];

const writing = [
  defineRoute({
    method: 'post',
    path: '/api/v1/rule-sets',
    summary: 'Begins a rule set. It states nothing before a version of it is in force.',
    permission: 'rules:write',
    body: z.strictObject({
      id: Slug,
      title: z.string().trim().min(1).max(200),
      description: MaybeWords,
    }),
    status: 201,
    response: RuleSet,
    handle: async ({ deps, caller, body, reply }) => {
      const made = await createRuleSet(deps, caller, body);
      reply.headers['location'] = `/api/v1/rule-sets/${made.id}`;
      return made;
    },
  }),
  defineRoute({
    method: 'put',
    path: `${ONE}/draft`,
    summary: 'Saves the version that is worked on, whether it passes its checks or not.',
    permission: 'rules:write',
    params: OneParam,
    body: z.strictObject({
      document: Document,
      seen: z.string().max(64).nullable().default(null).meta({
        description: 'The content hash of the draft that this one replaces; null for none.',
      }),
    }),
    response: RuleVersion.extend({ check: RuleCheck }),
    handle: ({ deps, caller, params, body }) =>
      saveRuleDraft(deps, caller, { id: params.id, ...body }),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:validate`,
    summary: 'Checks a document, or the draft where none is sent. Changes nothing.',
    permission: 'rules:write',
    params: OneParam,
    body: z.strictObject({ document: Document.nullable().default(null) }),
    response: RuleCheck,
    handle: ({ deps, caller, params, body }) =>
      validateRuleSet(deps, caller, { id: params.id, ...body }),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}/draft:submit`,
    summary: 'Hands the draft in for approval, once it passes its checks.',
    permission: 'rules:write',
    params: OneParam,
    response: RuleVersion,
    handle: ({ deps, caller, params }) => submitRuleSet(deps, caller, params.id),
  }),
  defineRoute({
    method: 'post',
    path: `${VERSION}:shadow`,
    summary: 'Tries what a version would do to the positions of a day, where nothing else changes.',
    permission: 'recon:run',
    params: VersionParam,
    body: z.strictObject({ asOf: CalendarDate.optional() }),
    status: 201,
    response: RuleShadow,
    handle: ({ deps, caller, params, body }) =>
      shadowRuleSet(deps, caller, { ...params, asOf: body.asOf }),
  }),
];

const deciding = [
  defineRoute({
    method: 'post',
    path: `${VERSION}:approve`,
    summary: 'Approves a version that others wrote, over the shadow run that was looked at.',
    permission: 'rules:approve',
    params: VersionParam,
    body: z.strictObject({ shadow: z.string().min(1).max(100), reason: MaybeWords }),
    response: RuleVersion,
    handle: ({ deps, caller, params, body }) =>
      approveRuleSet(deps, caller, { ...params, ...body }),
  }),
  defineRoute({
    method: 'post',
    path: `${VERSION}:decline`,
    summary: 'Sends a version back to those who work on it.',
    permission: 'rules:approve',
    params: VersionParam,
    body: z.strictObject({ reason: Words }),
    response: RuleVersion,
    handle: ({ deps, caller, params, body }) =>
      declineRuleSet(deps, caller, { ...params, ...body }),
  }),
  defineRoute({
    method: 'post',
    path: `${VERSION}:activate`,
    summary: 'Puts an approved version in force, from today or a later day on.',
    permission: 'rules:activate',
    params: VersionParam,
    body: z.strictObject({ from: CalendarDate.nullable().default(null), reason: MaybeWords }),
    response: RuleSetTerms,
    handle: ({ deps, caller, params, body }) =>
      activateRuleSet(deps, caller, { ...params, ...body }),
  }),
  defineRoute({
    method: 'post',
    path: `${ONE}:roll-back`,
    summary: 'Takes the newest version back: the one before it holds again, or none.',
    permission: 'rules:activate',
    params: OneParam,
    body: z.strictObject({
      to: VersionParam.shape.version.nullable().default(null),
      reason: Words,
    }),
    response: RuleSetTerms,
    handle: ({ deps, caller, params, body }) =>
      rollBackRuleSet(deps, caller, { id: params.id, ...body }),
  }),
];

export const routes = [...reading, ...writing, ...deciding];
