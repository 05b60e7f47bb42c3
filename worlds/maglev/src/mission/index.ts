export {
  type Bound,
  type Comparison,
  CRITERIA,
  type Criterion,
  type CriterionName,
  judgeMission,
  type Observations,
} from './criteria.js'
