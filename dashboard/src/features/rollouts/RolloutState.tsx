import { Badge } from '@mantine/core';
import type { State } from './api';

const LOOKS: Record<State, { readonly words: string; readonly color: string }> = {
  awaiting_approval: { words: 'awaits approval', color: 'ochre' },
  scheduled: { words: 'scheduled', color: 'gray' },
  running: { words: 'running', color: 'verdigris' },
  paused: { words: 'paused', color: 'ochre' },
  halted: { words: 'halted', color: 'brick' },
  rolling_back: { words: 'rolling back', color: 'brick' },
  rolled_back: { words: 'rolled back', color: 'brick' },
  finished: { words: 'finished', color: 'gray' },
  aborted: { words: 'aborted', color: 'gray' },
};

/** Where a rollout stands. */
export const RolloutState = ({ state }: { readonly state: State }) => (
  <Badge color={LOOKS[state].color}>{LOOKS[state].words}</Badge>
);
