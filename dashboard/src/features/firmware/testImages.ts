import type { Image, Update } from './api';

/** An image as the platform answers it. */
export const image = (rest: Partial<Image> = {}): Image => ({
  id: 3,
  organization_id: 1,
  name: 'greenhouse',
  version: '1.4.0',
  channel: 'stable',
  device_types: ['probe'],
  hardware_versions: [],
  release_notes: 'Reads the soil sensor twice.',
  size: 412_160,
  sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  signature: 'MEUCIQ',
  key_id: 8,
  state: 'ready',
  uploaded: 412_160,
  created_at: '2026-03-01T12:00:00Z',
  updated_at: '2026-03-01T12:00:00Z',
  ...rest,
});

export const update = (rest: Partial<Update> = {}): Update => ({
  id: 11,
  device_id: 7,
  firmware_id: 3,
  rollout_id: null,
  is_rollback: false,
  from_version: '1.3.9',
  version: '1.4.0',
  status: 'downloading',
  progress: 40,
  detail: '',
  attempts: 1,
  max_attempts: 3,
  offered_at: '2026-03-01T12:00:00Z',
  changed_at: '2026-03-01T12:01:00Z',
  ended_at: null,
  steps: [
    { at: '2026-03-01T12:00:00Z', status: 'offered', detail: '' },
    { at: '2026-03-01T12:01:00Z', status: 'downloading', detail: 'from mirror 2' },
  ],
  ...rest,
});
