import { Button, Checkbox, Group, Input, Text } from '@mantine/core';
import { Fragment } from 'react';
import { useMe } from '@/api/me';
import { subjects, toggled, verbOf } from './permissions';
import classes from './Permissions.module.css';

interface Props {
  readonly label: string;
  readonly value: readonly string[];
  readonly onChange: (permissions: string[]) => void;
}

/** Which permissions somebody gets: of those that the caller has himself, because nobody gives what he lacks. */
export function PermissionChoice({ label, value, onChange }: Props) {
  const held = useMe().data?.permissions ?? [];
  // What a role has that the caller lacks stays visible, and as it is.
  const shown = subjects([...held, ...value]);
  const reading = held.filter((permission) => verbOf(permission) === 'read');
  return (
    <Input.Wrapper label={label} labelElement="div" role="group" aria-label={label}>
      <Group gap={6} mt={4}>
        <Button size="compact-xs" variant="default" onClick={() => onChange(reading)}>
          Reading only
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => onChange([...held])}>
          Everything
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => onChange([])}>
          Nothing
        </Button>
      </Group>
      <div className={classes.subjects}>
        {shown.map(({ subject, permissions }) => (
          <Fragment key={subject}>
            <span className={classes.subject}>{subject}</span>
            <div className={classes.verbs}>
              {permissions.map((permission) => (
                <Checkbox
                  key={permission}
                  size="xs"
                  label={verbOf(permission)}
                  aria-label={permission}
                  checked={value.includes(permission)}
                  disabled={!held.includes(permission)}
                  onChange={() => onChange(toggled(value, permission))}
                />
              ))}
            </div>
          </Fragment>
        ))}
      </div>
      <Text size="xs" c="dimmed" mt={10}>
        You can give what you have yourself.
      </Text>
    </Input.Wrapper>
  );
}
