import { Badge, Button, Card, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconRocket } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useMay } from '@/api/me';
import { OrganizationName } from '@/features/organizations/Organization';
import { useRollouts } from '@/features/rollouts/api';
import { RolloutState } from '@/features/rollouts/RolloutState';
import { Back } from '@/ui/Back';
import { Columns } from '@/ui/Columns';
import { CopyLine } from '@/ui/CopyLine';
import { type Fact, Facts, Titled } from '@/ui/Facts';
import { formatBytes, formatCount } from '@/ui/format';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Moment } from '@/ui/Time';
import { type Image, useImage, useKeys, useRunning } from './api';
import { signer, titleOf } from './image';
import { DeleteDialog, WithdrawDialog } from './ImageDialogs';
import { ImageState } from './ImageState';
import { UploadDialog } from './UploadDialog';

const BACK = <Back to="/firmware">Firmware</Back>;

/** One image: what it is, what is new in it, and who runs it. */
export function ImagePage() {
  const id = Number(useParams().firmware);
  const found = useImage(Number.isSafeInteger(id) && id > 0 ? id : null);
  if (found.data) return <Known image={found.data} />;
  if (found.error) {
    return (
      <Page title="Firmware" above={BACK}>
        <ProblemNotice failure={found.error} retry={() => void found.refetch()} />
      </Page>
    );
  }
  return (
    <Stack gap="lg" aria-busy aria-label="Loading the image">
      {BACK}
      <Skeleton height={28} width={240} />
      <Skeleton height={300} />
    </Stack>
  );
}

function Known({ image }: { readonly image: Image }) {
  const may = useMay();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<'resume' | 'withdraw' | 'delete' | null>(null);
  const close = () => setDialog(null);
  return (
    <Page
      title={titleOf(image)}
      above={BACK}
      lead={
        <Group gap="sm">
          <ImageState image={image} />
          {image.channel === 'beta' && <Badge color="ochre">beta</Badge>}
          <span>
            added <Moment at={image.created_at} />
          </span>
        </Group>
      }
      actions={
        <>
          {may('firmware:write') && (
            <Button variant="default" onClick={() => setDialog('delete')}>
              Delete
            </Button>
          )}
          {may('firmware:write') && image.state === 'ready' && (
            <Button variant="default" onClick={() => setDialog('withdraw')}>
              Withdraw
            </Button>
          )}
          {may('firmware:write') && image.state === 'uploading' && (
            <Button onClick={() => setDialog('resume')}>Go on with the upload</Button>
          )}
          {may('rollouts:write') && image.state === 'ready' && (
            <Button
              component={Link}
              to={`/rollouts/new?firmware=${image.id}`}
              leftSection={<IconRocket size={16} aria-hidden />}
            >
              Roll out
            </Button>
          )}
        </>
      }
    >
      <Columns from="lg">
        <Stack gap="md">
          <About image={image} />
          <Titled title="Release notes">
            <Text size="sm" c={image.release_notes ? undefined : 'dimmed'} style={{ whiteSpace: 'pre-wrap' }}>
              {image.release_notes || 'None were written.'}
            </Text>
          </Titled>
        </Stack>
        <Stack gap="md">
          <Running image={image} />
          <ItsRollouts image={image} />
        </Stack>
      </Columns>
      {dialog === 'resume' && <UploadDialog kept={image} onClose={close} />}
      {dialog === 'withdraw' && <WithdrawDialog image={image} onClose={close} />}
      {dialog === 'delete' && (
        <DeleteDialog image={image} onClose={close} onDone={() => void navigate('/firmware', { replace: true })} />
      )}
    </Page>
  );
}

function About({ image }: { readonly image: Image }) {
  const keys = useKeys().rows;
  const rows: Fact[] = [
    ['Name', image.name],
    ['Version', image.version],
    ['Channel', image.channel ?? 'stable'],
    ['Device types', image.device_types?.join(', ') || 'all'],
    ['Hardware', image.hardware_versions?.join(', ') || 'all'],
    ['Size', `${formatBytes(image.size)} (${formatCount(image.size)} bytes)`],
    ['Signed by', signer(image, keys)],
    ['Organization', <OrganizationName key="organization" id={image.organization_id} />],
  ];
  return (
    <Card>
      <Stack gap="sm">
        <Facts rows={rows} />
        <CopyLine titled label="SHA-256" text={image.sha256} />
        {image.signature && <CopyLine titled label="Signature" text={image.signature} />}
      </Stack>
    </Card>
  );
}

function Running({ image }: { readonly image: Image }) {
  const found = useRunning(image);
  return (
    <Titled title="Who runs it">
      {found.error ? <ProblemNotice failure={found.error} retry={() => void found.refetch()} /> : null}
      {found.data && (
        <Stack gap={6} fz="sm">
          <Text size="sm">
            {found.data.devices.length === 0
              ? `No device says that it runs ${image.version}.`
              : `${counted(found.data.total ?? found.data.devices.length)} that it runs ${image.version}.`}
          </Text>
          {found.data.devices.map((device) => (
            <Link key={device.id} to={`/devices/${device.id}?tab=firmware`}>
              {device.name}
            </Link>
          ))}
          {found.data.next_cursor && <Text c="dimmed">…</Text>}
        </Stack>
      )}
    </Titled>
  );
}

const counted = (devices: number) => (devices === 1 ? '1 device says' : `${formatCount(devices)} devices say`);

function ItsRollouts({ image }: { readonly image: Image }) {
  const its = useRollouts().rows.filter(({ firmware_id }) => firmware_id === image.id);
  return (
    <Titled title="Rollouts">
      {its.length === 0 && (
        <Text size="sm" c="dimmed">
          There was none of it.
        </Text>
      )}
      <Stack gap={6} fz="sm">
        {its.map((rollout) => (
          <Group key={rollout.id} gap="sm">
            <Link to={`/rollouts/${rollout.id}`}>{rollout.name}</Link>
            <RolloutState state={rollout.state} />
          </Group>
        ))}
      </Stack>
    </Titled>
  );
}
