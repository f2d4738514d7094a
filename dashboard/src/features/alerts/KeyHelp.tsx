import { Modal, Table } from '@mantine/core';
import classes from './Alerts.module.css';

const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ['j  k', 'Down, up'],
  ['Enter', 'Open the alert'],
  ['a', 'Acknowledge it'],
  ['r', 'Resolve it'],
  ['x', 'Select it, or not'],
  ['A  R', 'Acknowledge, resolve all that are selected'],
  ['Esc', 'Select none'],
  ['/', 'Search'],
  ['g i', 'Come here from any page'],
];

export function KeyHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Keys of the inbox">
      <Table horizontalSpacing={0} verticalSpacing={7}>
        <Table.Tbody>
          {KEYS.map(([keys, meaning]) => (
            <Table.Tr key={keys}>
              <Table.Td w={90}>
                {keys.split('  ').map((key) => (
                  <kbd key={key} className={classes.key}>
                    {key}
                  </kbd>
                ))}
              </Table.Td>
              <Table.Td>{meaning}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
