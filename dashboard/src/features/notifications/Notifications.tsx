import { ActionIcon, Popover, Text } from '@mantine/core';
import { IconBell, IconBellRinging } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useMay } from '@/api/me';
import { Ago } from '@/ui/Time';
import { alertOf, type Notification, useMarkRead, useNotifications } from './api';
import classes from './Notifications.module.css';

/** The bell: what channels of the kind `in the dashboard` have told, and how much of it is new. */
export function Notifications() {
  const mayRead = useMay()('alerts:read');
  const told = useNotifications(mayRead).data;
  const mark = useMarkRead();
  const [opened, setOpened] = useState(false);
  // Those that were new when the list was opened stay marked until it is closed.
  const [fresh, setFresh] = useState<ReadonlySet<number>>(new Set());
  if (!mayRead) return null;
  const unread = told?.unread ?? 0;
  const change = (open: boolean) => {
    setOpened(open);
    if (!open || !told) return;
    setFresh(new Set(told.notifications.filter(({ read }) => !read).map(({ id }) => id)));
    const newest = told.notifications[0];
    if (unread > 0 && newest) mark.mutate(newest.id);
  };
  const Picture = unread > 0 ? IconBellRinging : IconBell;
  return (
    <Popover opened={opened} onChange={change} position="bottom-start" shadow="md" width={340} trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon
          className={classes.bell}
          size="lg"
          aria-label={unread > 0 ? `Notifications, ${unread} unread` : 'Notifications'}
          onClick={() => change(!opened)}
        >
          <Picture size={19} stroke={1.6} />
          {unread > 0 && (
            <span className={classes.unread} aria-hidden>
              {unread > 99 ? '99+' : unread}
            </span>
          )}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={classes.list} aria-label="Notifications">
        {!told || told.notifications.length === 0 ? (
          <Text size="sm" c="dimmed" p="md">
            Nothing was told here yet. A channel of the kind “In the dashboard” that a rule names rings this bell.
          </Text>
        ) : (
          <ul>
            {told.notifications.map((notification) => (
              <Line
                key={notification.id}
                notification={notification}
                fresh={fresh.has(notification.id)}
                onOpen={() => setOpened(false)}
              />
            ))}
          </ul>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

interface LineProps {
  readonly notification: Notification;
  readonly fresh: boolean;
  readonly onOpen: () => void;
}

function Line({ notification, fresh, onOpen }: LineProps) {
  const alert = alertOf(notification);
  const content = (
    <>
      <span className={classes.title}>{notification.title}</span>
      <span className={classes.when}>
        {fresh && <span className={classes.fresh}>new</span>}
        <Ago at={notification.at} />
      </span>
    </>
  );
  return (
    <li>
      {alert === null ? (
        <div className={classes.line}>{content}</div>
      ) : (
        <Link to={`/alerts/${alert}`} className={classes.line} onClick={onOpen}>
          {content}
        </Link>
      )}
    </li>
  );
}
