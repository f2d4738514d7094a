import { Button, Card, Group, Stack, Stepper, Text } from '@mantine/core';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useImages } from '@/features/firmware/api';
import { useLeaveGuard } from '@/features/rules/LeaveGuard';
import { Back } from '@/ui/Back';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { useCreateRollout } from './api';
import { DevicesStep } from './DevicesStep';
import { ImageStep, useSuggestedName } from './ImageStep';
import classes from './NewRolloutPage.module.css';
import { FRESH, mistakes, type PlanDraft, wishOf } from './plan';
import { ReviewStep } from './ReviewStep';
import { StagesStep } from './StagesStep';
import { TimeStep } from './TimeStep';

export interface StepProps {
  readonly plan: PlanDraft;
  readonly set: (change: Partial<PlanDraft>) => void;
}

const STEPS = ['Image', 'Devices', 'Stages', 'Time', 'Review'] as const;

/** Plans a rollout in steps; nothing happens before the last one. */
export function NewRolloutPage() {
  const [params] = useSearchParams();
  const asked = Number(params.get('firmware')) || null;
  const [plan, setPlan] = useState<PlanDraft>({ ...FRESH, firmware: asked });
  const [step, setStep] = useState(0);
  const [isChanged, setChanged] = useState(false);
  const images = useImages();
  const create = useCreateRollout();
  const navigate = useNavigate();
  const guard = useLeaveGuard(isChanged && !create.isSuccess);
  const set = (change: Partial<PlanDraft>) => {
    setChanged(true);
    create.reset();
    setPlan((before) => ({ ...before, ...change }));
  };
  const suggested = useSuggestedName(images.rows, plan);
  const named = { ...plan, name: plan.name || suggested };
  const wrong = mistakes(named);
  const inStep = [wrong.image, null, wrong.stages, wrong.time, null];
  const firstWrong = inStep.findIndex((mistake) => mistake !== null);
  const props: StepProps = { plan: named, set };
  const submit = () =>
    create.mutate(wishOf(named), {
      onSuccess: ({ id }) => guard.leave(() => navigate(`/rollouts/${id}`, { replace: true })),
    });
  return (
    <Page
      title="New rollout"
      above={<Back to="/rollouts">Rollouts</Back>}
      lead="Nothing is offered to any device before you have seen the whole plan and created it."
    >
      <Stepper active={step} onStepClick={setStep} size="sm" classNames={{ root: classes.stepper, step: classes.step }}>
        {STEPS.map((label, index) => (
          <Stepper.Step
            key={label}
            label={label}
            allowStepSelect={firstWrong < 0 || index <= firstWrong}
            aria-label={`Step ${index + 1}: ${label}`}
          />
        ))}
      </Stepper>
      <Card>
        <Stack gap="md">
          {step === 0 && <ImageStep {...props} images={images} />}
          {step === 1 && <DevicesStep {...props} />}
          {step === 2 && <StagesStep {...props} />}
          {step === 3 && <TimeStep {...props} />}
          {step === 4 && <ReviewStep plan={named} images={images.rows} onStep={setStep} />}
          {create.error ? <ProblemNotice failure={create.error} /> : null}
          <Group justify="flex-end">
            {inStep[step] && (
              <Text size="sm" c="dimmed" role="status">
                {inStep[step]}
              </Text>
            )}
            {step > 0 && (
              <Button variant="default" onClick={() => setStep(step - 1)}>
                Back
              </Button>
            )}
            {step < STEPS.length - 1 ? (
              <Button onClick={() => setStep(step + 1)} disabled={inStep[step] !== null}>
                Next
              </Button>
            ) : (
              <Button onClick={submit} loading={create.isPending} disabled={firstWrong >= 0}>
                {plan.approval ? 'Create, and wait for approval' : 'Create'}
              </Button>
            )}
          </Group>
        </Stack>
      </Card>
      {guard.question}
    </Page>
  );
}
