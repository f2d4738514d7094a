import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';

export interface Act {
  readonly label: string;
  readonly danger?: boolean;
  readonly run: () => void;
}

/** What can be done with one row; absent when that is nothing. */
export function RowMenu({ name, acts }: { readonly name: string; readonly acts: readonly (Act | false)[] }) {
  const offered = acts.filter((act) => act !== false);
  if (offered.length === 0) return null;
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon aria-label={`Manage ${name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {offered.map(({ label, danger, run }) => (
          <Menu.Item key={label} color={danger ? 'brick' : undefined} onClick={run}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
