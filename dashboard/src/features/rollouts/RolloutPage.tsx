import { Alert, Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useMay } from '@/api/me';
import { useImage } from '@/features/firmware/api';
import { titleOf } from '@/features/firmware/image';
import { FeedBadge } from '@/live/FeedBadge';
import { Back } from '@/ui/Back';
import { Columns } from '@/ui/Columns';
import { Confirm } from '@/ui/Confirm';
import { Titled } from '@/ui/Facts';
import { formatCount } from '@/ui/format';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Ago } from '@/ui/Time';
import { type Act, hasEnded, type RolloutProgress, useAct, useDeleteRollout, useRollout, useRolloutFeed } from './api';
import { Members } from './Members';
import { PlanFacts } from './PlanFacts';
import { RolloutState } from './RolloutState';
import { Stages } from './Stages';
import { byStatus, Statuses } from './Statuses';

const BACK = <Back to="/rollouts">Rollouts</Back>;

/** One rollout: how its devices are doing, stage by stage, and what can be done about it. */
export function RolloutPage() {
  const id = Number(useParams().rollout);
  const found = useRollout(Number.isSafeInteger(id) && id > 0 ? id : null);
  if (found.data) return <Known key={id} rollout={found.data} />;
  if (found.error) {
    return (
      <Page title="Rollout" above={BACK}>
        <ProblemNotice failure={found.error} retry={() => void found.refetch()} />
      </Page>
    );
  }
  return (
    <Stack gap="lg" aria-busy aria-label="Loading the rollout">
      {BACK}
      <Skeleton height={28} width={240} />
      <Skeleton height={300} />
    </Stack>
  );
}

function Known({ rollout }: { readonly rollout: RolloutProgress }) {
  useRolloutFeed(rollout.id);
  const image = useImage(rollout.firmware_id).data;
  const { progress, statuses } = rollout;
  return (
    <Page
      title={rollout.name}
      above={BACK}
      lead={
        <Group gap="md" style={{ rowGap: 6 }}>
          <RolloutState state={rollout.state} />
          <Link to={`/firmware/${rollout.firmware_id}`}>{image ? titleOf(image) : `image ${rollout.firmware_id}`}</Link>
          <span>
            {rollout.started_at ? 'begun' : 'created'} <Ago at={rollout.started_at ?? rollout.created_at} />
          </span>
          {rollout.ended_at && (
            <span>
              ended <Ago at={rollout.ended_at} />
            </span>
          )}
        </Group>
      }
      actions={
        <>
          {!hasEnded(rollout) && <FeedBadge />}
          <Actions rollout={rollout} />
        </>
      }
    >
      <Reason rollout={rollout} />
      <Titled title="Progress">
        {progress.devices === 0 ? (
          <Text size="sm" c="dimmed">
            {rollout.started_at ? 'No device takes part.' : 'Its devices are chosen when it begins.'}
          </Text>
        ) : (
          <Stack gap="xs">
            <Text size="sm">
              <strong>{formatCount(progress.installed)}</strong> of {formatCount(progress.devices)} have installed it.
              {(progress.rolling_back ?? 0) > 0 && ` ${formatCount(progress.rolling_back!)} are going back.`}
              {(progress.rolled_back ?? 0) > 0 &&
                ` ${formatCount(progress.rolled_back!)} run again what they ran before.`}
            </Text>
            <Statuses label="Devices by state" parts={byStatus(statuses)} />
          </Stack>
        )}
      </Titled>
      <Columns from="lg">
        <Stages rollout={rollout} />
        <PlanFacts rollout={rollout} />
      </Columns>
      <Members rollout={rollout} />
    </Page>
  );
}

const BAD = ['halted', 'rolling_back', 'rolled_back'];

/** Why it is as it is. */
function Reason({ rollout: { state, reason } }: { readonly rollout: RolloutProgress }) {
  if (state === 'awaiting_approval') {
    return (
      <Alert color="ochre" icon={<IconInfoCircle size={18} />} title="It waits for a second person">
        Somebody else than its author has to approve it before it begins.
      </Alert>
    );
  }
  if (!reason) return null;
  if (BAD.includes(state)) {
    return (
      <Alert color="brick" icon={<IconAlertTriangle size={18} />} title="It has halted" role="alert">
        {sentence(reason)}
      </Alert>
    );
  }
  return (
    <Text size="sm" c="dimmed">
      {sentence(reason)}
    </Text>
  );
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;

const ACTS: Record<Act, { readonly label: string; readonly from: readonly string[]; readonly primary?: boolean }> = {
  approve: { label: 'Approve', from: ['awaiting_approval'], primary: true },
  pause: { label: 'Pause', from: ['running'] },
  resume: { label: 'Resume', from: ['paused'], primary: true },
  finish: { label: 'Finish', from: ['running', 'paused'] },
  abort: { label: 'Abort', from: ['awaiting_approval', 'scheduled', 'running', 'paused'] },
};
/** What is asked about first, and how. */
const QUESTIONS: Partial<Record<Act, string>> = {
  approve: 'Its devices are offered the image from its start on.',
  finish: 'It offers nothing more. What is offered already stays offered.',
  abort: 'It ends for good. What is offered is called back; devices that install already go on.',
};

function Actions({ rollout }: { readonly rollout: RolloutProgress }) {
  const may = useMay();
  const act = useAct(rollout.id);
  const remove = useDeleteRollout(rollout.id);
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Act | 'delete' | null>(null);
  const close = () => {
    setAsked(null);
    act.reset();
  };
  const offered = (Object.keys(ACTS) as Act[]).filter(
    (each) =>
      ACTS[each].from.includes(rollout.state) && may(each === 'approve' ? 'rollouts:approve' : 'rollouts:write'),
  );
  return (
    <>
      {offered.map((each) => (
        <Button
          key={each}
          variant={ACTS[each].primary ? undefined : 'default'}
          loading={act.isPending && act.variables === each}
          onClick={() => (QUESTIONS[each] ? setAsked(each) : act.mutate(each))}
        >
          {ACTS[each].label}
        </Button>
      ))}
      {hasEnded(rollout) && may('rollouts:write') && (
        <Button variant="default" onClick={() => setAsked('delete')}>
          Delete
        </Button>
      )}
      {!asked && act.error ? <ProblemNotice failure={act.error} /> : null}
      {asked && asked !== 'delete' && (
        <Confirm
          title={`${ACTS[asked].label} ${rollout.name}`}
          act={ACTS[asked].label}
          danger={asked === 'abort'}
          busy={act.isPending}
          failure={act.error}
          onConfirm={() => act.mutate(asked, { onSuccess: close })}
          onClose={close}
        >
          {QUESTIONS[asked]}
        </Confirm>
      )}
      {asked === 'delete' && (
        <Confirm
          title={`Delete ${rollout.name}`}
          act="Delete"
          danger
          busy={remove.isPending}
          failure={remove.error}
          onConfirm={() => remove.mutate(undefined, { onSuccess: () => void navigate('/rollouts', { replace: true }) })}
          onClose={() => setAsked(null)}
        >
          It is no longer listed. The timelines of its devices stay.
        </Confirm>
      )}
    </>
  );
}
