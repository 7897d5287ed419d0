import { defineMetric, type MetricSubject } from '../../sdk/define-metric.ts';

function exclusionOf(subject: MetricSubject, humansOnly: boolean): string | null {
  if (humansOnly && (subject.kind === 'service' || subject.kind === 'shared')) return 'non_human';
  if (!subject.assigned) return 'not_assigned';
  return subject.active ? null : 'inactive';
}

/** One right per person with an active subscription, however many logins or records the person has (G-01). */
export default defineMetric({
  code: 'user_subscription',
  version: 1,
  title: 'User subscription',
  family: 'user',
  unit: 'user',
  aggregation: 'count_distinct',
  source:
    'ServiceNow SAM, "Software Asset Management license metrics": one right per active unique subscription record per user',
  meter(subjects, attributes) {
    const humansOnly = attributes['humansOnly'] !== false;
    const judged = subjects.map((subject) => ({
      subject,
      reason: exclusionOf(subject, humansOnly),
    }));
    const counted = judged
      .filter((each) => each.reason === null)
      .map(({ subject }) => ({
        subjectId: subject.subjectId,
        licensableQuantity: '1',
        evidence: subject.evidence,
      }));
    const excluded = judged.flatMap(({ subject, reason }) =>
      reason === null ? [] : [{ subjectId: subject.subjectId, reason }],
    );
    return {
      required: String(counted.length),
      counted,
      excluded,
      explanation: [
        `User subscription: ${counted.length} persons with an active subscription, one right each; ${excluded.length} excluded.`,
      ],
    };
  },
});
