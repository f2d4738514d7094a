import { Select } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMe } from '@/api/me';
import { TypedFilter } from '@/ui/TypedFilter';
import classes from './Alerts.module.css';
import type { AlertView } from './view';

interface Props {
  readonly view: AlertView;
  readonly onChange: (change: Partial<AlertView>) => void;
  /** What is pending belongs to nobody and has no message yet. */
  readonly pending: boolean;
}

const FROM_SEVERITY = [
  { value: '', label: 'Every severity' },
  { value: 'warning', label: 'Warning and worse' },
  { value: 'major', label: 'Major and worse' },
  { value: 'critical', label: 'Critical' },
];

/** The platform filters. */
export function Filters({ view, onChange, pending }: Props) {
  const isUser = useMe().data?.user_id !== undefined;
  const whose = [
    { value: '', label: 'Everybody’s' },
    ...(isUser ? [{ value: 'mine', label: 'Mine' }] : []),
    { value: 'nobody', label: 'Nobody’s' },
  ];
  return (
    <div className={classes.filters} role="search">
      {!pending && (
        <TypedFilter
          label="Search alerts"
          placeholder="Search message, device, rule"
          value={view.text}
          onChange={(text) => onChange({ text })}
          leftSection={<IconSearch size={16} />}
          search
        />
      )}
      <Select
        aria-label="Severity"
        data={FROM_SEVERITY}
        value={view.severity}
        onChange={(severity) => onChange({ severity: severity ?? '' })}
        allowDeselect={false}
      />
      <TypedFilter
        label="Device"
        placeholder="Device: id or name"
        value={view.device}
        onChange={(device) => onChange({ device })}
      />
      <TypedFilter
        label="Rule"
        placeholder="Rule: number or name"
        value={view.rule}
        onChange={(rule) => onChange({ rule })}
      />
      {!pending && (
        <Select
          aria-label="Whose"
          data={whose}
          value={view.whose}
          onChange={(next) => onChange({ whose: next ?? '' })}
          allowDeselect={false}
        />
      )}
    </div>
  );
}
