import { Modal, Select, Skeleton, Text, UnstyledButton } from '@mantine/core';
import { IconDevices } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useUpdates } from '@/features/firmware/api';
import { Timeline } from '@/features/firmware/Timeline';
import { useAddressView } from '@/ui/addressView';
import { Empty } from '@/ui/Empty';
import { List } from '@/ui/List';
import { ProblemNotice } from '@/ui/ProblemNotice';
import type { Column } from '@/ui/Rows';
import { type Member, type RolloutProgress, useMembers } from './api';
import classes from './Members.module.css';
import { STATUS_WORDS, STATUSES } from './Statuses';

/** The devices of a rollout, and what the update of each is at. */
export function Members({ rollout }: { readonly rollout: RolloutProgress }) {
  const [{ status: named }, setView] = useAddressView(['status']);
  const status = STATUS_WORDS.find((word) => word === named) ?? null;
  const pages = useMembers(rollout, status);
  const [shown, setShown] = useState<Member | null>(null);
  const columns: readonly Column<Member>[] = [
    {
      label: 'Device',
      cell: ({ device_id, device_name }) => <Link to={`/devices/${device_id}?tab=firmware`}>{device_name}</Link>,
    },
    { label: 'Stage', quiet: true, end: true, cell: ({ stage }) => stage },
    { label: 'State', cell: (member) => <At member={member} /> },
    { label: 'Attempts', quiet: true, end: true, cell: ({ attempts }) => attempts || '–' },
    { label: 'What it says', quiet: true, cell: ({ detail }) => detail || '–' },
  ];
  const options = [
    { value: '', label: 'All states' },
    ...STATUS_WORDS.map((word) => ({ value: word, label: `${STATUSES[word].words} (${rollout.statuses[word] ?? 0})` })),
  ];
  return (
    <section aria-label="Devices" className={classes.section}>
      <div className={classes.head}>
        <Text component="h2" fw={550} m={0}>
          Devices
        </Text>
        <Select
          aria-label="State"
          data={options}
          value={status ?? ''}
          onChange={(next) => setView({ status: next ?? '' })}
          allowDeselect={false}
          w={190}
        />
      </div>
      <List
        label="Devices of the rollout"
        pages={pages}
        columns={columns}
        keyOf={({ device_id }) => device_id}
        actions={(member) =>
          member.update_id !== null && (
            <UnstyledButton className={classes.timeline} onClick={() => setShown(member)}>
              Timeline
            </UnstyledButton>
          )
        }
        empty={
          <Empty icon={IconDevices} title="No devices">
            {status ? `None is ${STATUSES[status].words}.` : 'Devices are chosen when the rollout begins.'}
          </Empty>
        }
      />
      {shown && <TimelineDialog member={shown} rollout={rollout.id} onClose={() => setShown(null)} />}
    </section>
  );
}

function At({ member: { status, progress } }: { readonly member: Member }) {
  const { words, tone } = STATUSES[status];
  const percent = (status === 'downloading' || status === 'installing') && progress > 0 ? `, ${progress} %` : '';
  return (
    <span className={classes.at} data-tone={tone}>
      {words}
      {percent}
    </span>
  );
}

interface TimelineProps {
  readonly member: Member;
  readonly rollout: number;
  readonly onClose: () => void;
}

function TimelineDialog({ member, rollout, onClose }: TimelineProps) {
  const found = useUpdates(member.device_id);
  const its = found.data?.updates.filter((update) => update.rollout_id === rollout);
  return (
    <Modal opened onClose={onClose} title={member.device_name} size="lg">
      {found.error ? <ProblemNotice failure={found.error} retry={() => void found.refetch()} /> : null}
      {!its && !found.error && <Skeleton height={160} />}
      {its?.length === 0 && <Text size="sm">Its timeline is no longer among the latest of the device.</Text>}
      {its?.map((update) => (
        <Timeline key={update.id} update={update} />
      ))}
    </Modal>
  );
}
