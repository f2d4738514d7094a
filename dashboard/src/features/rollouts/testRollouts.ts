import type { Member, RolloutProgress } from './api';

const progress = { devices: 10, waiting: 8, updating: 1, installed: 1, failed: 0, cancelled: 0 };

/** A rollout as the platform answers it. */
export const rollout = (rest: Partial<RolloutProgress> = {}): RolloutProgress => ({
  id: 5,
  organization_id: 1,
  name: 'Greenhouses to 1.4.0',
  firmware_id: 3,
  state: 'running',
  stage: 1,
  reason: '',
  author: 'anna',
  approver: null,
  scope: { devices: [], device_types: ['probe'], groups: [], filter: null },
  start_at: null,
  windows: [],
  rate_per_minute: 0,
  approval: false,
  rollback: true,
  joins: false,
  max_attempts: 3,
  timeout: '1h',
  created_at: '2026-03-01T12:00:00Z',
  started_at: '2026-03-01T12:00:01Z',
  ended_at: null,
  updated_at: '2026-03-01T12:00:01Z',
  progress: { ...progress, rolling_back: 0, rolled_back: 0 },
  statuses: { waiting: 8, downloading: 1, installed: 1 },
  stages: [
    {
      count: 2,
      success_percent: 90,
      error_percent: 10,
      progress: { ...progress, devices: 2, waiting: 0 },
    },
    {
      success_percent: 90,
      error_percent: 10,
      progress: { ...progress, devices: 8, updating: 0, installed: 0 },
    },
  ],
  ...rest,
});

export const member = (rest: Partial<Member> = {}): Member => ({
  device_id: 7,
  device_name: 'boiler-7',
  stage: 1,
  status: 'downloading',
  detail: 'from mirror 2',
  attempts: 1,
  progress: 40,
  update_id: 11,
  ...rest,
});
