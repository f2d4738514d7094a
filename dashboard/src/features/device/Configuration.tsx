import { ActionIcon, Button, Card, Group, Select, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { IconAdjustments, IconPencil } from '@tabler/icons-react';
import { type FormEvent, useRef, useState } from 'react';
import { useMay } from '@/api/me';
import { ConfigurationVersions } from '@/features/configurations/ConfigurationVersions';
import { type DataType, type DeviceDetail, useConfigure } from '@/features/devices/api';
import { Empty } from '@/ui/Empty';
import { formatValue } from '@/ui/format';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Rows } from '@/ui/Rows';
import { Ago } from '@/ui/Time';
import { useEffective } from './configurations';
import { originsOf, originWords } from './drift';
import { DriftNotice } from './DriftNotice';

const TYPES: readonly DataType[] = ['string', 'integer', 'float', 'boolean', 'json'];

/** What the device is to have, key by key, and its own versions. Setting a key makes a new one, which the device is sent. */
export function Configuration({ path, detail }: { readonly path: string; readonly detail: DeviceDetail }) {
  const configure = useConfigure(path);
  const effective = useEffective(path).data;
  const may = useMay()('configurations:write');
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const [type, setType] = useState<DataType>('string');
  const valueField = useRef<HTMLInputElement>(null);
  const entries = Object.entries(detail.configurations).sort(([a], [b]) => a.localeCompare(b));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    configure.mutate(
      { config_key: key.trim(), config_value: value, data_type: type },
      {
        onSuccess: () => {
          setKey('');
          setValue('');
        },
      },
    );
  };
  const edit = (its: string, entry: { value?: unknown; data_type: DataType }) => {
    setKey(its);
    setValue(formatValue(entry.value));
    setType(entry.data_type);
    valueField.current?.focus();
  };
  return (
    <Stack gap="md">
      {effective && <DriftNotice effective={effective} />}
      {may && (
        <Card>
          <form onSubmit={submit}>
            <Group align="flex-end" gap="sm">
              <TextInput
                label="Key"
                value={key}
                onChange={(event) => setKey(event.currentTarget.value)}
                required
                withAsterisk={false}
                style={{ flex: '2 1 160px' }}
                spellCheck={false}
                autoComplete="off"
              />
              <TextInput
                ref={valueField}
                label="Value"
                value={value}
                onChange={(event) => setValue(event.currentTarget.value)}
                style={{ flex: '3 1 180px' }}
                spellCheck={false}
                autoComplete="off"
              />
              <Select
                label="Type"
                data={[...TYPES]}
                value={type}
                onChange={(next) => next && setType(next)}
                allowDeselect={false}
                w={120}
              />
              <Button type="submit" disabled={!key.trim()} loading={configure.isPending}>
                {key.trim() in detail.configurations ? 'Change' : 'Set'}
              </Button>
            </Group>
          </form>
          {configure.error ? (
            <Stack mt="sm">
              <ProblemNotice failure={configure.error} />
            </Stack>
          ) : null}
        </Card>
      )}
      {entries.length === 0 ? (
        <Card>
          <Empty icon={IconAdjustments} title="No configuration yet">
            {may
              ? 'Set a first key above, such as telemetry_interval. The device receives it on its config topic and keeps it.'
              : 'The device has been sent no configuration.'}
          </Empty>
        </Card>
      ) : (
        <Rows
          label="Configuration"
          columns={[
            {
              label: 'Key',
              cell: ([its]) => (
                <Text span size="sm" ff="monospace">
                  {its}
                </Text>
              ),
            },
            { label: 'Value', cell: ([, entry]) => formatValue(entry.value) },
            { label: 'Type', quiet: true, cell: ([, entry]) => entry.data_type },
            {
              label: 'From',
              quiet: true,
              cell: ([its]) => effective && originsOf(its, effective).map(originWords).join(', '),
            },
            { label: 'Changed', quiet: true, cell: ([, entry]) => <Ago at={entry.updated_at} absent="–" /> },
          ]}
          rows={entries}
          keyOf={([its]) => its}
          actions={
            may
              ? ([its, entry]) => (
                  <Tooltip label="Change">
                    <ActionIcon aria-label={`Change ${its}`} onClick={() => edit(its, entry)}>
                      <IconPencil size={16} />
                    </ActionIcon>
                  </Tooltip>
                )
              : undefined
          }
        />
      )}
      <ConfigurationVersions owner={{ device: path }} />
    </Stack>
  );
}
