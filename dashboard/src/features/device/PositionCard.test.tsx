import { screen } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { signIn } from '@/api/session';
import { json, platform, show } from '@/test/render';
import { PositionCard } from './PositionCard';

const times = { organization_id: 1, created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' };
const geofences = [
  { id: 1, name: 'yard', circle: { latitude: 52.52, longitude: 13.405, radius_m: 250 }, ...times },
  { id: 2, name: 'harbour', circle: { latitude: 0, longitude: 0, radius_m: 250 }, ...times },
];

beforeEach(() => signIn('admin x'));

test('a device is shown where it is, and told which geofences it is within', async () => {
  platform({ 'GET /api/v1/geofences': () => json({ geofences, count: 2, next_cursor: null }) });
  show({ '/': <PositionCard name="van-1" position={{ latitude: 52.5201, longitude: 13.405 }} /> }, '/');
  await screen.findByText('52.52010, 13.40500, inside of yard');
  expect(screen.getByRole('img', { name: /^van-1 is at/ })).toBeTruthy();
  expect(screen.getByRole('link', { name: 'harbour' })).toBeTruthy();
});
