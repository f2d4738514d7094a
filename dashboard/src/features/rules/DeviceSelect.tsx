import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useFleet } from '@/features/devices/api';

interface Props {
  readonly label: string;
  readonly placeholder: string;
  /** The name of a device; null for none. */
  readonly value: string | null;
  readonly onChange: (device: string | null) => void;
}

/** One device of the fleet; the platform searches, so that 100,000 are no different. */
export function DeviceSelect({ label, placeholder, value, onChange }: Props) {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed === value ? '' : typed, 250);
  const found = useFleet({ limit: 20, ...(search ? { search } : {}) }).data?.devices ?? [];
  const names = found.map((device) => device.name);
  return (
    <Select
      label={label}
      placeholder={placeholder}
      data={value !== null && !names.includes(value) ? [value, ...names] : names}
      value={value}
      onChange={onChange}
      searchable
      clearable
      onSearchChange={setTyped}
      // The platform has searched already, and knows more fields than the name.
      filter={({ options }) => options}
      nothingFoundMessage="No device is like that"
    />
  );
}
