import { defineMetric } from '../../sdk/define-metric.ts';
import { ORACLE_ATTRIBUTES, oracleProcessors } from './oracle/processors.ts';

/** Oracle processors: cores × core factor, sockets for Standard Edition, virtual processors in a cloud (G-26, G-27, G-30). */
export default defineMetric({
  code: 'oracle_processor',
  version: 1,
  title: 'Oracle processor',
  family: 'capacity',
  unit: 'processor',
  aggregation: 'point_in_time',
  source:
    'HCL BigFix Inventory, "Oracle based metric"; ServiceNow SAM, "BYOL license rules"; OpTISAM, "Oracle processor"',
  attributes: ORACLE_ATTRIBUTES,
  meter(input, attributes) {
    return oracleProcessors(input, attributes);
  },
});
