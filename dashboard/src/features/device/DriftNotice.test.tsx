import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { show } from '@/test/render';
import type { Effective } from './configurations';
import { DriftNotice } from './DriftNotice';

test('drift stands out', () => {
  const effective = {
    version: 4,
    drift: 'differs',
    drift_keys: ['/interval'],
    drift_since: '2026-03-01T12:00:00Z',
    problem: null,
    acknowledgement: null,
  } as unknown as Effective;
  show({ '/': <DriftNotice effective={effective} /> }, '/');
  expect(screen.getByRole('alert').textContent).toContain('something else in /interval');
});
