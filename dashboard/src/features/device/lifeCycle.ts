import type { LifeCycle } from '@/features/devices/api';

/** What each state means for the device. */
export const STATE_WORDS: Record<LifeCycle, string> = {
  provisioning: 'Known, but not yet admitted.',
  active: 'In use.',
  inactive: 'Out of use for a while.',
  maintenance: 'Being worked on.',
  quarantined: 'Suspected: it may connect, its data is refused.',
  decommissioned: 'Gone for good: its keys are revoked.',
};

/**
 * Where a device may go from a state, as the platform has it; leaving for good is another matter, with its own
 * question.
 */
export function nextStates(state: LifeCycle): readonly LifeCycle[] {
  switch (state) {
    case 'provisioning':
      return ['active', 'quarantined'];
    case 'active':
      return ['maintenance', 'inactive', 'quarantined'];
    case 'inactive':
      return ['active', 'maintenance', 'quarantined'];
    case 'maintenance':
      return ['active', 'inactive', 'quarantined'];
    case 'quarantined':
      return ['active', 'inactive', 'maintenance'];
    case 'decommissioned':
      return [];
  }
}
