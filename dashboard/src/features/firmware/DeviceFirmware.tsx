import { Button, Card, Group, Select, Stack, Text } from '@mantine/core';
import { IconCpu } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '@/api/me';
import type { Device } from '@/features/devices/api';
import { useFeed } from '@/live/FeedContext';
import { Confirm } from '@/ui/Confirm';
import { Empty } from '@/ui/Empty';
import { Titled } from '@/ui/Facts';
import { FormDialog } from '@/ui/FormDialog';
import { formatBytes } from '@/ui/format';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { useCallBack, useImages, useOfferUpdate, useUpdates, useUpdatesAgain } from './api';
import { fits, titleOf } from './image';
import { Timeline } from './Timeline';

/** What a device runs, the update that it is at, and those before. */
export function DeviceFirmware({ device }: { readonly device: Device }) {
  const found = useUpdates(device.id);
  const again = useUpdatesAgain(device.id);
  const may = useMay();
  const [dialog, setDialog] = useState<'offer' | 'call back' | null>(null);
  useFeed(may('firmware:read') ? { types: ['rollout'], devices: [device.id] } : null, {
    event: again,
    resumed: again,
  });
  const updates = found.data?.updates ?? [];
  const open = updates.find(({ ended_at }) => ended_at === null);
  const before = updates.filter((update) => update !== open);
  const mayOffer = may('firmware:write') && !open && device.status !== 'decommissioned';
  return (
    <Stack gap="md">
      {found.error ? <ProblemNotice failure={found.error} retry={() => void found.refetch()} /> : null}
      <Card>
        <Group justify="space-between" gap="sm">
          <div>
            <Text size="xs" c="dimmed">
              It runs
            </Text>
            <Text size="lg" fw={550}>
              {found.data?.firmware_version || device.firmware_version || 'what it has not told'}
            </Text>
            <Text size="sm" c="dimmed">
              {device.device_type}
              {device.hardware_version && `, hardware ${device.hardware_version}`}
            </Text>
          </div>
          {mayOffer && <Button onClick={() => setDialog('offer')}>Offer an image</Button>}
          {open && may('firmware:write') && open.status !== 'installing' && (
            <Button variant="default" onClick={() => setDialog('call back')}>
              Call it back
            </Button>
          )}
        </Group>
      </Card>
      {open && (
        <Titled title="Present update">
          <Timeline update={open} />
        </Titled>
      )}
      {before.length > 0 && (
        <Titled title="Updates before">
          <Stack gap="lg">
            {before.map((update) => (
              <Timeline key={update.id} update={update} />
            ))}
          </Stack>
        </Titled>
      )}
      {found.data && updates.length === 0 && (
        <Card>
          <Empty icon={IconCpu} title="No update yet">
            It was never offered an image. Offer one here, or bring one to many devices by a rollout.
          </Empty>
        </Card>
      )}
      {dialog === 'offer' && <OfferDialog device={device} onClose={() => setDialog(null)} />}
      {dialog === 'call back' && open && (
        <CallBackDialog device={device} version={open.version} onClose={() => setDialog(null)} />
      )}
    </Stack>
  );
}

function OfferDialog({ device, onClose }: { readonly device: Device; readonly onClose: () => void }) {
  const offer = useOfferUpdate(device.id);
  const images = useImages();
  const fitting = images.rows.filter((image) => fits(image, device));
  const [chosen, setChosen] = useState<string | null>(null);
  const image = fitting.find(({ id }) => String(id) === chosen);
  return (
    <FormDialog
      title={`Offer an image to ${device.name}`}
      act="Offer"
      ready={image !== undefined}
      busy={offer.isPending}
      failure={offer.error ?? images.failure}
      onSubmit={() => offer.mutate(image!.id, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Select
        label="Image"
        placeholder={images.isPending ? 'Loading' : fitting.length === 0 ? 'None is made for it' : 'Choose one'}
        description="Those that are ready, made for the device, and not what it runs."
        data={fitting.map((each) => ({ value: String(each.id), label: titleOf(each) }))}
        value={chosen}
        onChange={setChosen}
        disabled={fitting.length === 0}
        searchable
        data-autofocus
      />
      {image && (
        <Text size="sm" c="dimmed" style={{ whiteSpace: 'pre-wrap' }}>
          {formatBytes(image.size)}
          {image.release_notes && `\n${image.release_notes}`}
        </Text>
      )}
    </FormDialog>
  );
}

interface CallBackProps {
  readonly device: Device;
  readonly version: string;
  readonly onClose: () => void;
}

function CallBackDialog({ device, version, onClose }: CallBackProps) {
  const callBack = useCallBack(device.id);
  return (
    <Confirm
      title="Call the update back"
      act="Call back"
      danger
      busy={callBack.isPending}
      failure={callBack.error}
      onConfirm={() => callBack.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <strong>{device.name}</strong> is not offered {version} any more. What it has begun to install goes on.
    </Confirm>
  );
}
