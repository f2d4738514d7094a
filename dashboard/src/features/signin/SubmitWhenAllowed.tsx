import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Problem } from '@/api/problem';
import { useNow } from '@/ui/clock';
import { formatDuration } from '@/ui/format';

interface Props {
  /** The last refusal; while it says to wait, the button counts down. */
  readonly problem: Problem | null;
  readonly busy: boolean;
  readonly ready: boolean;
  readonly children: ReactNode;
}

/** The button of a form whose attempts are counted. */
export function SubmitWhenAllowed({ problem, busy, ready, children }: Props) {
  const now = useNow();
  const [waiting, setWaiting] = useState<{ for: Problem; until: number } | null>(null);
  if (problem?.retryAfter && waiting?.for !== problem) {
    setWaiting({ for: problem, until: Date.now() + problem.retryAfter * 1000 });
  }
  const left = problem && waiting?.for === problem ? waiting.until - now : 0;
  return (
    <Button type="submit" size="md" fullWidth loading={busy} disabled={!ready || left > 0}>
      {left > 0 ? `Wait ${formatDuration(Math.ceil(left / 1000) * 1000)}` : children}
    </Button>
  );
}
