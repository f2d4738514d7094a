import { Tabs, type TabsListProps } from '@mantine/core';
import { useEffect, useRef } from 'react';

/** The tabs of a page; on a phone they are pushed along, so the one that is open is brought into sight. */
export function TabList(props: TabsListProps) {
  const list = useRef<HTMLDivElement>(null);
  const seen = useRef<Element | null>(null);
  useEffect(() => {
    const [row, active] = [list.current, list.current?.querySelector<HTMLElement>('[data-active]')];
    if (!row || !active || active === seen.current) return;
    seen.current = active;
    const [frame, tab] = [row.getBoundingClientRect(), active.getBoundingClientRect()];
    if (tab.left < frame.left) row.scrollLeft -= frame.left - tab.left;
    else if (tab.right > frame.right) row.scrollLeft += tab.right - frame.right;
  });
  return <Tabs.List ref={list} {...props} />;
}
