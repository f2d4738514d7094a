import { Button, Menu, Select, Text } from '@mantine/core';
import { IconChevronDown, IconCircleCheck, IconEye } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay, useMe } from '@/api/me';
import { useKeys } from '@/app/shortcuts';
import { useUsers } from '@/features/users/api';
import { FormDialog } from '@/ui/FormDialog';
import { notifyFailure } from '@/ui/notify';
import { type AlertDetail, useAcknowledge, useAssign, useJudge, useResolve } from './api';
import { ReasonDialog } from './ReasonDialog';

/** What can be done about an alert; `a` and `r` do the two that are done most. */
export function AlertActions({ alert }: { readonly alert: AlertDetail }) {
  const { id, state, assignee, false_positive } = alert;
  const [open, setOpen] = useState<'resolve' | 'judge' | 'assign' | null>(null);
  const me = useMe().data;
  const mayList = useMay()('users:read');
  const acknowledge = useAcknowledge();
  const resolve = useResolve();
  const assign = useAssign(id);
  const judge = useJudge(id);
  const close = () => {
    setOpen(null);
    resolve.reset();
    judge.reset();
    assign.reset();
  };
  const see = () => acknowledge.mutate({ ids: [id] }, { onError: notifyFailure });
  const give = (user: string | null) => assign.mutate(user, { onSuccess: close, onError: notifyFailure });
  const isUser = me?.user_id !== undefined;
  const isOpen = state !== 'resolved';
  useKeys({
    a: state === 'active' ? see : undefined,
    r: isOpen ? () => setOpen('resolve') : undefined,
  });
  return (
    <>
      {state === 'active' && (
        <Button leftSection={<IconEye size={16} />} onClick={see} loading={acknowledge.isPending}>
          Acknowledge
        </Button>
      )}
      {isOpen && (
        <Button
          variant={state === 'active' ? 'default' : 'filled'}
          leftSection={<IconCircleCheck size={16} />}
          onClick={() => setOpen('resolve')}
        >
          Resolve
        </Button>
      )}
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={14} />}>
            More
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {isOpen && isUser && assignee !== me.name && <Menu.Item onClick={() => give(me.name)}>Take it</Menu.Item>}
          {isOpen && mayList && <Menu.Item onClick={() => setOpen('assign')}>Give it to somebody</Menu.Item>}
          {isOpen && assignee !== null && <Menu.Item onClick={() => give(null)}>Give it to nobody</Menu.Item>}
          <Menu.Item onClick={() => setOpen('judge')}>
            {false_positive ? 'It was no false positive' : 'False positive'}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === 'resolve' && (
        <ReasonDialog
          title="Resolve the alert"
          act="Resolve"
          busy={resolve.isPending}
          failure={resolve.error}
          onAct={(reason) => resolve.mutate({ ids: [id], reason }, { onSuccess: close })}
          onClose={close}
        >
          If what it is about goes on, its rule says nothing new before that has ended once.
        </ReasonDialog>
      )}
      {open === 'judge' && (
        <ReasonDialog
          title={false_positive ? 'It was no false positive' : 'A false positive'}
          act={false_positive ? 'Take the mark away' : 'Mark it'}
          busy={judge.isPending}
          failure={judge.error}
          onAct={(reason) => judge.mutate({ value: !false_positive, reason }, { onSuccess: close })}
          onClose={close}
        >
          {false_positive
            ? 'Something was behind it after all.'
            : 'Nothing was behind it. It stays as it is; the rule’s statistics count it.'}
        </ReasonDialog>
      )}
      {open === 'assign' && (
        <AssignDialog
          assignee={assignee}
          busy={assign.isPending}
          failure={assign.error}
          onAssign={give}
          onClose={close}
        />
      )}
    </>
  );
}

interface AssignProps {
  readonly assignee: string | null;
  readonly busy: boolean;
  readonly failure: unknown;
  readonly onAssign: (user: string) => void;
  readonly onClose: () => void;
}

function AssignDialog({ assignee, busy, failure, onAssign, onClose }: AssignProps) {
  const users = useUsers();
  const [user, setUser] = useState(assignee ?? '');
  const names = [...new Set(users.rows.filter(({ disabled }) => !disabled).map(({ name }) => name))];
  return (
    <FormDialog
      title="Give it to somebody"
      act="Give"
      ready={user !== '' && user !== assignee}
      busy={busy}
      failure={failure}
      onSubmit={() => onAssign(user)}
      onClose={onClose}
    >
      <Select
        label="User"
        placeholder="Name"
        data={names}
        value={user || null}
        onChange={(next) => setUser(next ?? '')}
        nothingFoundMessage="No user has this name"
        searchable
        data-autofocus
      />
      <Text size="sm" c="dimmed">
        Only somebody who may see the alert can have it.
      </Text>
    </FormDialog>
  );
}
