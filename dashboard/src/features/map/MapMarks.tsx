import type { KeyboardEvent } from 'react';
import { useMap } from '@/map/MapContext';
import { formatCount } from '@/ui/format';
import type { SeverityWord } from '@/ui/Severity';
import classes from './Map.module.css';
import type { ClusterMark, DeviceMark } from './marks';

/** What a device is drawn as: by its worst open alert, so that it is told by shape as well as by colour. */
const SHAPES: Readonly<Record<SeverityWord | 'none', string>> = {
  none: 'M-6.5 0a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0 -13 0z',
  info: 'M-6.5 0a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0 -13 0z',
  warning: 'M0 -9L8.5 6H-8.5z',
  major: 'M0 -9.5L9.5 0L0 9.5L-9.5 0z',
  critical: 'M-8 -8H8V8H-8z',
};

/** The mark itself, in the middle of where it is drawn. */
export function Symbol({ severity, isOnline }: Pick<DeviceMark, 'severity' | 'isOnline'>) {
  return (
    <g className={classes.symbol} data-severity={severity ?? undefined} data-online={isOnline || undefined}>
      {severity === 'info' && <circle className={classes.ring} r={10} />}
      <path d={SHAPES[severity ?? 'none']} />
    </g>
  );
}

interface Props<M> {
  readonly mark: M;
  readonly onOpen: () => void;
}

/** A device that leads to its page. */
export function DeviceSpot({ mark, isNamed, onOpen }: Props<DeviceMark> & { readonly isNamed: boolean }) {
  const { spotOf, isSeen } = useMap();
  const { x, y } = spotOf(mark.at);
  if (!isSeen({ x, y })) return null;
  return (
    <g
      className={classes.spot}
      role="link"
      tabIndex={0}
      aria-label={wordsOf(mark)}
      transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}
      onClick={onOpen}
      onKeyDown={onEnter(onOpen)}
    >
      <title>{wordsOf(mark)}</title>
      <circle className={classes.reach} r={14} />
      <Symbol {...mark} />
      <text className={classes.name} data-shown={isNamed || undefined} y={-13}>
        {mark.name}
      </text>
    </g>
  );
}

/** Many devices in one mark; a click goes closer. */
export function ClusterSpot({ mark }: { readonly mark: ClusterMark }) {
  const { spotOf, isSeen, approach } = useMap();
  const { x, y } = spotOf(mark.at);
  if (!isSeen({ x, y })) return null;
  const radius = 11 + Math.min(13, Math.log2(mark.count));
  const closer = () => approach(mark.at);
  return (
    <g
      className={classes.cluster}
      role="link"
      tabIndex={0}
      aria-label={`${clusterWords(mark)}: go closer`}
      data-severity={mark.severity ?? undefined}
      data-online={mark.online > 0 || undefined}
      transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}
      onClick={closer}
      onKeyDown={onEnter(closer)}
    >
      <title>{clusterWords(mark)}</title>
      <circle className={classes.disc} r={radius} />
      <text className={classes.count} y={4}>
        {mark.count > 9_999 ? `${Math.round(mark.count / 1_000)}k` : mark.count}
      </text>
    </g>
  );
}

const onEnter = (act: () => void) => (event: KeyboardEvent) => {
  if (event.key !== 'Enter') return;
  event.stopPropagation();
  act();
};

export const wordsOf = ({ name, isOnline, severity }: DeviceMark) =>
  `${name}, ${isOnline ? 'online' : 'offline'}${severity ? `, ${severity} alert` : ''}`;

export const clusterWords = ({ count, online, alerting }: ClusterMark) =>
  `${formatCount(count)} devices, ${formatCount(online)} online${
    alerting > 0 ? `, ${formatCount(alerting)} with open alerts` : ''
  }`;
