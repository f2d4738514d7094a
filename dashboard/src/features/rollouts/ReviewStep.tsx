import { Anchor, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Image } from '@/features/firmware/api';
import { titleOf } from '@/features/firmware/image';
import { useGroupNames } from '@/features/groups/api';
import { Facts } from '@/ui/Facts';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Moment } from '@/ui/Time';
import { usePreview } from './api';
import { previewWish } from './DevicesStep';
import { type PlanDraft, scopeWords, shares, sizeWords, windowWords, wishOf } from './plan';
import { counted } from './StagesStep';

interface Props {
  readonly plan: PlanDraft;
  readonly images: readonly Image[];
  readonly onStep: (step: number) => void;
}

/** The whole plan in words, before it is made. */
export function ReviewStep({ plan, images, onStep }: Props) {
  const groupName = useGroupNames();
  const preview = usePreview(previewWish(plan));
  const image = images.find(({ id }) => id === plan.firmware);
  const wish = wishOf(plan);
  const stages = wish.stages ?? [];
  const its = preview.data && shares(stages, preview.data.count);
  const change = (step: number, content: ReactNode) => (
    <span key={step}>
      {content}{' '}
      <Anchor component="button" type="button" size="sm" onClick={() => onStep(step)}>
        Change
      </Anchor>
    </span>
  );
  return (
    <Stack gap="sm">
      <Text fw={550}>{plan.name}</Text>
      {preview.error ? <ProblemNotice failure={preview.error} /> : null}
      <Facts
        rows={[
          ['Image', change(0, image ? titleOf(image) : '–')],
          [
            'Devices',
            change(
              1,
              <>
                {preview.data && <strong>{counted(preview.data.count)} as of now: </strong>}
                {scopeWords(wish.scope, groupName)}
              </>,
            ),
          ],
          [
            'Stages',
            change(
              2,
              <>
                {stages.map((stage, index) => (
                  <div key={index}>
                    {index + 1}. {sizeWords(stages, index)}
                    {its && its[index] !== stage.count && ` (${counted(its[index]!)})`},{' '}
                    {stage.success_percent ?? wish.success_percent} % must have installed,{' '}
                    {stage.error_percent ?? wish.error_percent} % may fail
                  </div>
                ))}
              </>,
            ),
          ],
          ['After a halt', plan.rollback ? 'devices get back what they ran before' : 'devices stay as they are'],
          ['Latecomers', plan.joins ? 'take part, until somebody finishes it' : 'take no part'],
          ['Begins', change(3, wish.start_at ? <Moment at={wish.start_at} /> : 'at once')],
          ['Windows', wish.windows?.length ? wish.windows.map(windowWords).join('; ') : 'always'],
          ['Offers', wish.rate_per_minute ? `${wish.rate_per_minute} a minute at most` : 'as fast as they come'],
          ['Each device', `${wish.max_attempts} attempts, each given up after ${wish.timeout} of silence`],
          ['Approval', plan.approval ? 'somebody else has to approve it' : 'not needed'],
        ]}
      />
    </Stack>
  );
}
