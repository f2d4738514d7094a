import { Anchor, Card, Skeleton, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { Schemas } from '@/api/client';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { useHealth } from './api';
import classes from './SystemPage.module.css';
import { fieldWords, partWords, toneOf } from './words';

/** How the platform itself is, part by part. */
export function SystemPage() {
  const health = useHealth();
  const components = Object.entries(health.data?.components ?? {});
  return (
    <Page
      title="Health"
      lead={
        <>
          Part by part, read every few seconds. For monitoring:{' '}
          <Anchor href="/metrics" size="sm">
            /metrics
          </Anchor>{' '}
          and{' '}
          <Anchor href="/health?detailed=true" size="sm">
            /health
          </Anchor>
          .
        </>
      }
    >
      {health.error ? <ProblemNotice failure={health.error} retry={() => void health.refetch()} /> : null}
      {health.isPending ? (
        <div className={classes.parts} aria-busy aria-label="Loading health">
          {[1, 2, 3, 4, 5, 6].map((card) => (
            <Skeleton key={card} height={150} />
          ))}
        </div>
      ) : health.data ? (
        <Stack gap="md">
          <Verdict
            status={health.data.status}
            version={health.data.version}
            parts={components.map(([, part]) => part.status)}
          />
          <div className={classes.parts}>
            {components.map(([name, component]) => (
              <Component key={name} name={name} component={component} />
            ))}
          </div>
        </Stack>
      ) : null}
    </Page>
  );
}

const PICTURES = { good: IconCircleCheck, warn: IconAlertTriangle, bad: IconCircleX } as const;

interface VerdictProps {
  readonly status: Schemas['HealthStatus'];
  readonly version: string;
  readonly parts: readonly Schemas['HealthStatus'][];
}

function Verdict({ status, version, parts }: VerdictProps) {
  const tone = toneOf(status);
  const Picture = PICTURES[tone];
  const ailing = parts.filter((part) => toneOf(part) !== 'good').length;
  return (
    <Card className={classes.verdict} data-tone={tone} role="status">
      <Picture size={28} stroke={1.7} aria-hidden />
      <div>
        <Text fw={600} size="lg" lh={1.3}>
          {tone === 'good' ? 'Everything works' : `The platform is ${status}`}
        </Text>
        <Text size="sm" c="dimmed">
          {ailing === 0 ? `${parts.length} parts, all well` : `${ailing} of ${parts.length} parts need attention`} ·
          version {version}
        </Text>
      </div>
    </Card>
  );
}

function Component({ name, component }: { readonly name: string; readonly component: Schemas['ComponentHealth'] }) {
  const { status, detail, measurements } = component;
  return (
    <Card component="section" aria-label={name}>
      <header className={classes.head}>
        <h2 className={classes.name}>{partWords(name)}</h2>
        <span className={classes.status} data-tone={toneOf(status)}>
          {status}
        </span>
      </header>
      <Text size="sm" c="dimmed" mt={4}>
        {detail}
      </Text>
      <dl className={classes.fields}>
        {Object.entries(measurements)
          .sort()
          .map(([field, value]) => {
            const [label, words] = fieldWords(field, value);
            return (
              <div key={field} className={classes.field}>
                <dt>{label}</dt>
                <dd>{words}</dd>
              </div>
            );
          })}
      </dl>
    </Card>
  );
}
