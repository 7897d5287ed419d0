import { sumQuantities } from '../kernel/quantity.ts';
import type {
  ExcludedSubject,
  MeteredSubject,
  MeterResult,
  MetricSubject,
} from './define-metric.ts';

/** One right for each subject but those with a reason against it. */
export function oneEach(
  subjects: readonly MetricSubject[],
  reasonAgainst: (subject: MetricSubject) => string | null,
): { readonly counted: readonly MeteredSubject[]; readonly excluded: readonly ExcludedSubject[] } {
  const counted: MeteredSubject[] = [];
  const excluded: ExcludedSubject[] = [];
  for (const subject of subjects) {
    const { subjectId, evidence } = subject;
    const reason = reasonAgainst(subject);
    if (reason === null) counted.push({ subjectId, licensableQuantity: '1', evidence });
    else excluded.push({ subjectId, reason });
  }
  return { counted, excluded };
}

/** The result of a metric that requires just what it counts. */
export function countEach(
  counted: readonly MeteredSubject[],
  excluded: readonly ExcludedSubject[],
  explanation: readonly string[],
): MeterResult {
  const required = sumQuantities(counted.map((each) => each.licensableQuantity));
  return { required, counted, excluded, explanation };
}
