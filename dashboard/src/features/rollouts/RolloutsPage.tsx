import { Button } from '@mantine/core';
import { IconPlus, IconRocket } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useMay } from '@/api/me';
import { useImages } from '@/features/firmware/api';
import { titleOf } from '@/features/firmware/image';
import { Empty } from '@/ui/Empty';
import { List } from '@/ui/List';
import { Page } from '@/ui/Page';
import type { Column } from '@/ui/Rows';
import { Ago } from '@/ui/Time';
import { type Rollout, useRollouts } from './api';
import { RolloutState } from './RolloutState';

/** The rollouts, the newest first. */
export function RolloutsPage() {
  const mayWrite = useMay()('rollouts:write');
  const images = useImages().rows;
  const columns: readonly Column<Rollout>[] = [
    { label: 'Name', cell: ({ id, name }) => <Link to={`/rollouts/${id}`}>{name}</Link> },
    { label: 'State', cell: ({ state }) => <RolloutState state={state} /> },
    {
      label: 'Image',
      cell: ({ firmware_id }) => {
        const image = images.find(({ id }) => id === firmware_id);
        return <Link to={`/firmware/${firmware_id}`}>{image ? titleOf(image) : `image ${firmware_id}`}</Link>;
      },
    },
    { label: 'Stage', quiet: true, end: true, cell: ({ stage, stages }) => `${stage} of ${stages?.length ?? 1}` },
    { label: 'By', quiet: true, cell: ({ author }) => author },
    { label: 'Created', quiet: true, cell: ({ created_at }) => <Ago at={created_at} /> },
  ];
  return (
    <Page
      title="Rollouts"
      lead="Images that come to many devices, stage by stage, and stop by themselves when too much goes wrong."
      actions={
        mayWrite && (
          <Button component={Link} to="/rollouts/new" leftSection={<IconPlus size={16} />}>
            New rollout
          </Button>
        )
      }
    >
      <List
        label="Rollouts"
        pages={useRollouts()}
        columns={columns}
        keyOf={({ id }) => id}
        empty={
          <Empty icon={IconRocket} title="No rollouts yet">
            A rollout offers an image to a few devices first, and to the rest when those are well.
          </Empty>
        }
      />
    </Page>
  );
}
