import { Badge, Button, Tabs, Text } from '@mantine/core';
import { IconCpu, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useMay } from '@/api/me';
import { useAddressView } from '@/ui/addressView';
import { Empty } from '@/ui/Empty';
import { formatBytes } from '@/ui/format';
import { List } from '@/ui/List';
import { Page } from '@/ui/Page';
import { RowMenu } from '@/ui/RowMenu';
import type { Column } from '@/ui/Rows';
import { TabList } from '@/ui/TabList';
import { Ago } from '@/ui/Time';
import { type FirmwareKey, type Image, useImages, useKeys } from './api';
import { madeFor, signer } from './image';
import { DeleteDialog, WithdrawDialog } from './ImageDialogs';
import { ImageState } from './ImageState';
import { Keys, RegisterKeyDialog } from './Keys';
import { UploadDialog } from './UploadDialog';

type Dialog =
  { readonly act: 'upload' | 'key' } | { readonly act: 'resume' | 'withdraw' | 'delete'; readonly image: Image };

/** The images that devices can be given, and the keys that vouch for them. */
export function FirmwarePage() {
  const may = useMay();
  const [{ tab: named }, setView] = useAddressView(['tab']);
  const tab = named === 'keys' ? 'keys' : 'images';
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = () => setDialog(null);
  return (
    <Page
      title="Firmware"
      lead="Images that devices can be given, one by one or by a rollout, and the keys that sign them."
      actions={
        tab === 'images'
          ? may('firmware:write') && (
              <Button leftSection={<IconPlus size={16} />} onClick={() => setDialog({ act: 'upload' })}>
                Upload an image
              </Button>
            )
          : may('firmware_keys:write') && (
              <Button leftSection={<IconPlus size={16} />} onClick={() => setDialog({ act: 'key' })}>
                Register a key
              </Button>
            )
      }
    >
      <Tabs value={tab} onChange={(next) => setView({ tab: next === 'keys' ? 'keys' : '' })}>
        <TabList mb="md">
          <Tabs.Tab value="images">Images</Tabs.Tab>
          <Tabs.Tab value="keys">Signing keys</Tabs.Tab>
        </TabList>
        <Tabs.Panel value="images">
          <Images onAct={setDialog} />
        </Tabs.Panel>
        <Tabs.Panel value="keys">
          <Keys />
        </Tabs.Panel>
      </Tabs>
      {dialog?.act === 'upload' && <UploadDialog onClose={close} />}
      {dialog?.act === 'resume' && <UploadDialog kept={dialog.image} onClose={close} />}
      {dialog?.act === 'withdraw' && <WithdrawDialog image={dialog.image} onClose={close} />}
      {dialog?.act === 'delete' && <DeleteDialog image={dialog.image} onClose={close} />}
      {dialog?.act === 'key' && <RegisterKeyDialog onClose={close} />}
    </Page>
  );
}

function Images({ onAct }: { readonly onAct: (dialog: Dialog) => void }) {
  const pages = useImages();
  const keys = useKeys().rows;
  const may = useMay();
  const navigate = useNavigate();
  return (
    <List
      label="Images"
      pages={pages}
      columns={columns(keys)}
      keyOf={({ id }) => id}
      actions={(image) => (
        <RowMenu
          name={`${image.name} ${image.version}`}
          acts={[
            image.state === 'ready' &&
              may('rollouts:write') && {
                label: 'Roll out',
                run: () => void navigate(`/rollouts/new?firmware=${image.id}`),
              },
            image.state === 'uploading' &&
              may('firmware:write') && { label: 'Go on with the upload', run: () => onAct({ act: 'resume', image }) },
            image.state === 'ready' &&
              may('firmware:write') && { label: 'Withdraw', run: () => onAct({ act: 'withdraw', image }) },
            may('firmware:write') && {
              label: 'Delete',
              danger: true,
              run: () => onAct({ act: 'delete', image }),
            },
          ]}
        />
      )}
      empty={
        <Empty icon={IconCpu} title="No images yet">
          Upload what your devices shall run. Try it with one device, then bring it to the others by a rollout.
        </Empty>
      }
    />
  );
}

const columns = (keys: readonly FirmwareKey[]): readonly Column<Image>[] => [
  {
    label: 'Image',
    cell: (image) => (
      <>
        <Link to={`/firmware/${image.id}`}>
          {image.name} {image.version}
        </Link>{' '}
        {image.channel === 'beta' && <Badge color="ochre">beta</Badge>}
        <Text size="sm" c="dimmed" fw={400}>
          for {madeFor(image)}
        </Text>
      </>
    ),
  },
  { label: 'State', cell: (image) => <ImageState image={image} /> },
  { label: 'Size', quiet: true, end: true, cell: ({ size }) => formatBytes(size) },
  {
    label: 'SHA-256',
    quiet: true,
    cell: ({ sha256 }) => (
      <Text span size="xs" ff="monospace" title={sha256}>
        {sha256.slice(0, 12)}…
      </Text>
    ),
  },
  { label: 'Signed by', quiet: true, cell: (image) => signer(image, keys) },
  { label: 'Added', quiet: true, cell: ({ created_at }) => <Ago at={created_at} /> },
];
