import { Select } from '@mantine/core';
import { useMe } from '@/api/me';
import { useOrganizations } from './api';
import { branches, pathOf } from './tree';

/** An organization's name, with those above it on hover; its number where the name may not be seen. */
export function OrganizationName({ id }: { readonly id: number | null }) {
  const all = useOrganizations().data ?? [];
  if (id === null) return <>–</>;
  const name = all.find((organization) => organization.id === id)?.name;
  return <span title={pathOf(all, id)}>{name ?? id}</span>;
}

interface Props {
  readonly label: string;
  readonly description?: string;
  readonly value: number | null;
  readonly onChange: (id: number) => void;
}

/** One of the caller's organizations. Where there is one only, nothing is asked. */
export function OrganizationSelect({ label, description, value, onChange }: Props) {
  const all = useOrganizations().data ?? [];
  if (all.length < 2) return null;
  const data = branches(all).map(({ organization, depth }) => ({
    value: String(organization.id),
    label: organization.name,
    depth,
  }));
  const depths = new Map(data.map((option) => [option.value, option.depth]));
  return (
    <Select
      label={label}
      description={description}
      data={data}
      value={value === null ? null : String(value)}
      onChange={(id) => id && onChange(Number(id))}
      allowDeselect={false}
      renderOption={({ option }) => (
        <span style={{ paddingLeft: 16 * (depths.get(option.value) ?? 0) }}>{option.label}</span>
      )}
      searchable={data.length > 8}
    />
  );
}

/** Where somebody's new things go unless he says otherwise: his own organization. */
export const useOwnOrganization = () => useMe().data?.organization_id ?? null;
