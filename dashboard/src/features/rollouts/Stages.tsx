import { Text } from '@mantine/core';
import { Titled } from '@/ui/Facts';
import { hasEnded, type RolloutProgress } from './api';
import { sizeWords } from './plan';
import { byCounts, Statuses } from './Statuses';
import classes from './Statuses.module.css';

/** The stages, the present one marked, each with its thresholds and how its devices are doing. */
export function Stages({ rollout }: { readonly rollout: RolloutProgress }) {
  const { stages } = rollout;
  return (
    <Titled title="Stages">
      <ol className={classes.stages}>
        {stages.map((stage, index) => {
          const number = index + 1;
          const isCurrent = number === rollout.stage && rollout.started_at !== null && !hasEnded(rollout);
          return (
            <li key={number} className={classes.stage} data-current={isCurrent || undefined}>
              <Text size="sm">
                <strong>Stage {number}</strong>: {sizeWords(stages, index)}
                {isCurrent && ', now'}
              </Text>
              <Text size="xs" c="dimmed" mb={6}>
                goes on when {stage.success_percent} % have installed; halts when more than {stage.error_percent} % have
                failed
              </Text>
              {stage.progress.devices > 0 && (
                <Statuses label={`Devices of stage ${number}`} parts={byCounts(stage.progress)} />
              )}
            </li>
          );
        })}
      </ol>
    </Titled>
  );
}
