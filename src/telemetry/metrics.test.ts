import { describe, expect, test } from '@jest/globals';
import { register } from 'prom-client';
import { silentLogger } from '../kernel/logger.ts';
import { createMetrics, type GaugeSources } from './metrics.ts';

const sources: GaugeSources = {
  queueDepth: () => Promise.resolve({ interactive: 1, bulk: 2, schedule: 0 }),
  openIntents: () => Promise.resolve({ UNKNOWN: 3 }),
  openErrors: () => Promise.resolve(4),
  budgetsUsed: () => Promise.resolve({ salesforce: 0.9 }),
};

describe('the metrics', () => {
  test('are counted, timed and asked for under their names', async () => {
    const metrics = createMetrics(sources, silentLogger);

    metrics.countRecords('Opportunity', 'created', 600);
    metrics.countRecords('Opportunity', 'created', 1);
    metrics.observeJob('pull', 'done', 0.2);
    metrics.observeRequest('salesforce', 0.03);
    const { body, contentType } = await metrics.render();

    expect(contentType).toContain('text/plain');
    for (const line of [
      'trueup_sync_records_total{stream="Opportunity",outcome="created"} 601',
      'trueup_job_seconds_count{job="pull",outcome="done"} 1',
      'trueup_connector_request_seconds_count{connector="salesforce"} 1',
      'trueup_queue_depth{lane="bulk"} 2',
      'trueup_intents_open{state="UNKNOWN"} 3',
      'trueup_errors_open 4',
      'trueup_api_budget_used_ratio{connector="salesforce"} 0.9',
    ]) {
      expect(body).toContain(`${line}\n`);
    }
  });

  test('leave out a figure that cannot be had, and give the others', async () => {
    const metrics = createMetrics(
      {
        ...sources,
        queueDepth: () => Promise.reject(new Error('away')),
        openErrors: () => Promise.reject(new Error('away')),
      },
      silentLogger,
    );

    const { body } = await metrics.render();

    expect(body).not.toMatch(/^trueup_queue_depth/m);
    expect(body).not.toMatch(/^trueup_errors_open/m);
    expect(body).toContain('trueup_intents_open{state="UNKNOWN"} 3');
  });

  test('a state that is gone is no longer shown', async () => {
    let states: Record<string, number> = { UNKNOWN: 3 };
    const metrics = createMetrics(
      { ...sources, openIntents: () => Promise.resolve(states) },
      silentLogger,
    );
    await metrics.render();
    states = {};

    expect((await metrics.render()).body).not.toContain('UNKNOWN');
  });

  test('stay out of the registry that the library shares', () => {
    createMetrics(sources, silentLogger);

    expect(register.getMetricsAsArray()).toEqual([]);
  });
});
