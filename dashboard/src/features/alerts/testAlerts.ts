import type { Alert } from './api';

/** An alert as the platform lists it; for tests. */
export const alert = (id: number, rest: Partial<Alert> = {}): Alert => ({
  id,
  organization_id: 1,
  device_id: id,
  device_name: `boiler-${id}`,
  rule_id: 3,
  rule_version: 2,
  rule_name: 'Too hot',
  key: '',
  severity: 'major',
  message: `boiler-${id} is too hot`,
  state: 'active',
  shadow: false,
  latched: false,
  assignee: null,
  false_positive: false,
  occurrences: 1,
  began_at: '2026-03-01T12:00:00Z',
  last_occurred_at: '2026-03-01T12:00:00Z',
  cleared_at: null,
  acknowledged_at: null,
  acknowledged_by: null,
  resolved_at: null,
  resolved_by: null,
  created_at: '2026-03-01T12:00:00Z',
  ...rest,
});

export const counts = {
  active: 1,
  acknowledged: 2,
  resolved: 40,
  by_severity: { info: 0, warning: 1, major: 2, critical: 0 },
};
