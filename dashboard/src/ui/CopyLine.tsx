import { ActionIcon, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { copyText } from './copy';
import classes from './CopyLine.module.css';

interface Props {
  readonly text: string;
  /** What is copied, in words: `API key`. */
  readonly label: string;
  /** Shows the label above the line. */
  readonly titled?: boolean;
}

/** A line to be pasted elsewhere, with a button that copies it. */
export function CopyLine({ text, label, titled }: Props) {
  return (
    <div>
      {titled && (
        <Text size="xs" c="dimmed" mb={4}>
          {label}
        </Text>
      )}
      <div className={classes.line}>
        <code className={classes.code} tabIndex={0} aria-label={label}>
          {text}
        </code>
        <CopyButton text={text} label={label} />
      </div>
    </div>
  );
}

export function CopyButton({ text, label }: Props) {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null);
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(null), 2000);
    return () => clearTimeout(timer);
  }, [outcome]);
  const words = outcome === 'copied' ? 'Copied' : outcome === 'failed' ? 'Select it and copy by hand' : `Copy ${label}`;
  return (
    <Tooltip label={words} opened={outcome ? true : undefined}>
      <ActionIcon
        aria-label={`Copy ${label}`}
        onClick={async () => setOutcome((await copyText(text)) ? 'copied' : 'failed')}
      >
        {outcome === 'copied' ? <IconCheck size={16} color="var(--good)" /> : <IconCopy size={16} />}
      </ActionIcon>
    </Tooltip>
  );
}
