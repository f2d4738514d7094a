import { Button, Card, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Moment } from '@/ui/Time';
import { useVersions } from './api';
import { linesBetween } from './diff';
import { editable, pretty, type Rule } from './document';
import { useDraft } from './draft';
import classes from './VersionsPanel.module.css';

/** What a rule was before, and what each version changed. */
export function VersionsPanel({ rule }: { readonly rule: Rule }) {
  const found = useVersions(rule.id);
  const { replace, readOnly } = useDraft();
  const [chosen, setChosen] = useState<number | null>(null);
  const versions = found.data?.versions ?? [];
  const at = Math.max(
    0,
    versions.findIndex(({ version }) => version === chosen),
  );
  const shown = versions[at];
  const before = versions[at + 1];
  if (found.error) return <ProblemNotice failure={found.error} retry={() => void found.refetch()} />;
  if (!shown) return <Skeleton height={200} />;
  return (
    <div className={classes.panel}>
      <ul className={classes.list} aria-label="Versions">
        {versions.map(({ version, author, created_at }) => (
          <li key={version}>
            <button
              type="button"
              className={classes.version}
              aria-current={version === shown.version || undefined}
              onClick={() => setChosen(version)}
            >
              <strong>Version {version}</strong>
              <Text size="sm" c="dimmed" component="span">
                {author}, <Moment at={created_at} />
              </Text>
            </button>
          </li>
        ))}
      </ul>
      <Card>
        <Stack gap="sm">
          <Group justify="space-between">
            <Text fw={550} component="h2" m={0}>
              {before ? `What version ${shown.version} changed` : `Version ${shown.version}`}
            </Text>
            {!readOnly && shown.version !== rule.version && (
              <Button size="xs" variant="default" onClick={() => replace(editable(shown.rule))}>
                Take it back as a draft
              </Button>
            )}
          </Group>
          <Difference before={before ? pretty(before.rule) : pretty(shown.rule)} after={pretty(shown.rule)} />
        </Stack>
      </Card>
    </div>
  );
}

const SIGNS = { same: ' ', added: '+', removed: '−' } as const;

function Difference({ before, after }: { readonly before: string; readonly after: string }) {
  return (
    <pre className={classes.diff} tabIndex={0}>
      {linesBetween(before, after).map(({ text, kind }, index) => (
        <span key={index} className={classes.line} data-kind={kind}>
          <span aria-label={kind === 'same' ? undefined : kind}>{SIGNS[kind]}</span> {text}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}
