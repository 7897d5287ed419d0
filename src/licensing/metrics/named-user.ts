import { defineMetric, type MetricSubject } from '../../sdk/define-metric.ts';

function exclusionOf(subject: MetricSubject, humansOnly: boolean): string | null {
  if (humansOnly && (subject.kind === 'service' || subject.kind === 'shared')) return 'non_human';
  return subject.assigned ? null : 'not_assigned';
}

/** One right per person who is authorised to use the product, active or not: inactivity is no defence (G-02). */
export default defineMetric({
  code: 'named_user',
  version: 1,
  title: 'Named user',
  family: 'user',
  unit: 'user',
  aggregation: 'count_distinct',
  source:
    'OpTISAM, metric "Oracle NUP": users are counted regardless of whether the individual is actively using the program',
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
        `Named user: ${counted.length} persons authorised, one right each, active or not; ${excluded.length} excluded.`,
      ],
    };
  },
});
