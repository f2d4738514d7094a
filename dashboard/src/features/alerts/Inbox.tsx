import { Button, Card, Group, Text } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useMay } from '@/api/me';
import { useKeys } from '@/app/shortcuts';
import { formatCount } from '@/ui/format';
import { notifyFailure } from '@/ui/notify';
import { AlertRow } from './AlertRow';
import { type Alert, useAcknowledge, useResolve } from './api';
import classes from './Alerts.module.css';
import { KeyHelp } from './KeyHelp';
import { ReasonDialog } from './ReasonDialog';
import { useCursor } from './useCursor';

/** The most that are changed at once; the platform refuses more. */
const MOST_AT_ONCE = 1_000;

/** The rows of the inbox, and what can be done with one or many, by hand and by key. */
export function Inbox({ alerts, resolved }: { readonly alerts: readonly Alert[]; readonly resolved: boolean }) {
  const navigate = useNavigate();
  const mayAct = useMay()('alerts:write') && !resolved;
  const list = useRef<HTMLUListElement>(null);
  const ids = useMemo(() => alerts.map(({ id }) => id), [alerts]);
  const { current, move } = useCursor(ids, list);
  const [marked, setMarked] = useState<ReadonlySet<number>>(new Set());
  const chosen = ids.filter((id) => marked.has(id)).slice(0, MOST_AT_ONCE);
  const [resolving, setResolving] = useState<readonly number[]>([]);
  const [helping, setHelping] = useState(false);
  const acknowledge = useAcknowledge();
  const resolve = useResolve();

  // What has left the list is not chosen any more, should it ever come back.
  useEffect(() => {
    setMarked((before) => (ids.some((id) => before.has(id)) || before.size === 0 ? before : new Set()));
  }, [ids]);

  const choose = (id: number) =>
    setMarked((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const see = (which: readonly number[]) => {
    const open = alerts.filter(({ id, state }) => which.includes(id) && state === 'active').map(({ id }) => id);
    if (open.length === 0) return;
    acknowledge.mutate({ ids: open }, { onError: notifyFailure });
    setMarked(new Set());
  };
  const here = current === null ? [] : [current];
  const many = chosen.length > 0 ? chosen : here;
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    '?': () => setHelping(true),
    o: current === null ? undefined : () => void navigate(`/alerts/${current}`),
    ...(mayAct && {
      x: () => here.forEach(choose),
      a: () => see(here),
      r: () => setResolving(here),
      A: () => see(many),
      R: () => setResolving(many),
      Escape: () => setMarked(new Set()),
    }),
  });
  return (
    <>
      {mayAct && (
        <Selection
          chosen={chosen.length}
          all={alerts.length}
          onAll={() => setMarked(new Set(ids))}
          onNone={() => setMarked(new Set())}
          onAcknowledge={
            alerts.some(({ id, state }) => marked.has(id) && state === 'active') ? () => see(chosen) : null
          }
          onResolve={() => setResolving(chosen)}
          onHelp={() => setHelping(true)}
        />
      )}
      <Card padding={0}>
        <ul className={classes.rows} aria-label="Alerts" ref={list}>
          {alerts.map((alert) => (
            <AlertRow
              key={alert.id}
              alert={alert}
              current={alert.id === current}
              chosen={marked.has(alert.id)}
              onChoose={mayAct ? () => choose(alert.id) : undefined}
              onAcknowledge={mayAct ? () => see([alert.id]) : undefined}
              onResolve={mayAct ? () => setResolving([alert.id]) : undefined}
            />
          ))}
        </ul>
      </Card>
      {resolving.length > 0 && (
        <ReasonDialog
          title={resolving.length === 1 ? 'Resolve the alert' : `Resolve ${formatCount(resolving.length)} alerts`}
          act="Resolve"
          busy={resolve.isPending}
          failure={resolve.error}
          onAct={(reason) =>
            resolve.mutate({ ids: resolving, reason }, { onSuccess: () => (setResolving([]), setMarked(new Set())) })
          }
          onClose={() => (setResolving([]), resolve.reset())}
        >
          {resolving.length === 1
            ? 'If what it is about goes on, its rule says nothing new before that has ended once.'
            : 'Where what they are about goes on, nothing new is said before that has ended once.'}
        </ReasonDialog>
      )}
      {helping && <KeyHelp onClose={() => setHelping(false)} />}
    </>
  );
}

interface SelectionProps {
  readonly chosen: number;
  readonly all: number;
  readonly onAll: () => void;
  readonly onNone: () => void;
  readonly onAcknowledge: (() => void) | null;
  readonly onResolve: () => void;
  readonly onHelp: () => void;
}

/** What can be done with what is selected. */
function Selection({ chosen, all, onAll, onNone, onAcknowledge, onResolve, onHelp }: SelectionProps) {
  return (
    <Group gap="xs" className={classes.selection} role="group" aria-label="Selected alerts">
      {chosen === 0 ? (
        <>
          <Button size="xs" variant="default" onClick={onAll}>
            Select all that are shown
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={onHelp} className={classes.help}>
            Keys: <kbd>?</kbd>
          </Button>
        </>
      ) : (
        <>
          <Text size="sm" fw={550}>
            {formatCount(chosen)} selected
          </Text>
          {onAcknowledge && (
            <Button size="xs" onClick={onAcknowledge}>
              Acknowledge
            </Button>
          )}
          <Button size="xs" variant={onAcknowledge ? 'default' : 'filled'} onClick={onResolve}>
            Resolve
          </Button>
          {chosen < all && (
            <Button size="xs" variant="subtle" onClick={onAll}>
              All
            </Button>
          )}
          <Button size="xs" variant="subtle" onClick={onNone}>
            None
          </Button>
        </>
      )}
    </Group>
  );
}
