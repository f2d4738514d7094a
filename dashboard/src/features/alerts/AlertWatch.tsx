import { Anchor } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useRef } from 'react';
import { useNavigate } from 'react-router';
import { useMay } from '@/api/me';
import { formatCount } from '@/ui/format';
import { useAlertCounts } from './api';
import type { AlertNews } from './news';
import { useAlertFeed } from './useAlertFeed';
import classes from './Alerts.module.css';

/** How long a toast stays, in milliseconds. */
const STAYS = 12_000;
const TOAST = 'critical-alert';

/** The number of alerts that nobody looks after yet; hears of new ones on every page, of critical ones with a toast. */
export function OpenAlerts() {
  const counts = useAlertCounts(useMay()('alerts:read')).data;
  const navigate = useNavigate();
  const unseen = useRef(0);
  useAlertFeed((news) => {
    if (news.event !== 'begun' || news.severity !== 'critical') return;
    toast(
      news,
      ++unseen.current,
      (to) => void navigate(to),
      () => {
        unseen.current = 0;
      },
    );
  });
  const open = counts?.active ?? 0;
  if (open === 0) return null;
  return (
    <span className={classes.open} data-critical={counts!.by_severity.critical > 0 || undefined}>
      {open > 999 ? '999+' : formatCount(open)}
      <span className="sr-only"> open</span>
    </span>
  );
}

/** One toast for all that begin while it is shown: a storm must not cover the page. */
function toast({ id, device, message }: AlertNews, count: number, go: (to: string) => void, onClose: () => void) {
  const to = count === 1 ? `/alerts/${id}` : '/alerts?severity=critical';
  const content = {
    id: TOAST,
    color: 'brick',
    autoClose: STAYS,
    title: count === 1 ? 'A critical alert began' : `${formatCount(count)} critical alerts began`,
    // Toasts stand outside the pages, where links know no way.
    message: (
      <Anchor
        component="button"
        size="sm"
        c="inherit"
        ta="left"
        onClick={() => {
          notifications.hide(TOAST);
          go(to);
        }}
      >
        {count === 1 ? `${device}: ${message}` : `The newest is of ${device}: ${message}`}
      </Anchor>
    ),
    onClose,
  };
  if (count === 1) notifications.show(content);
  else notifications.update(content);
}
