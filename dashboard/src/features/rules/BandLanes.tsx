import { useComputedColorScheme } from '@mantine/core';
import { useCallback } from 'react';
import { formatDuration, formatSpan } from '@/ui/format';
import { type Band, VERDICTS, type Verdict } from './bands';
import classes from './Replay.module.css';

/** Where the chart's plot is, in pixels from the left; its lanes begin and end there. */
export interface Place {
  readonly left: number;
  readonly width: number;
}

interface Props {
  readonly place: Place;
  readonly bands: readonly Band[];
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly chosen: Band | null;
  readonly onChoose: (band: Band) => void;
}

const LANES = [
  { side: 'would', label: 'This draft' },
  { side: 'in_force', label: 'In force' },
] as const;

export const useBandColor = () => {
  const scheme = useComputedColorScheme();
  return useCallback((verdict: Verdict) => VERDICTS[verdict].colors[scheme === 'light' ? 0 : 1], [scheme]);
};

/** Alerts as bars beside each other's time: one lane for the draft, one for the rule in force. */
export function BandLanes({ place, bands, from, to, chosen, onChoose }: Props) {
  const colorOf = useBandColor();
  const percent = (at: number) => (100 * (Math.min(Math.max(at, from), to) - from)) / (to - from);
  const verdicts = [...new Set(bands.map((band) => band.verdict))];
  const lanes = LANES.filter(({ side }) => side === 'would' || bands.some((band) => band.side === 'in_force'));
  return (
    <>
      {lanes.map(({ side, label }) => (
        <div key={side} className={classes.lane} role="group" aria-label={`Alerts: ${label}`}>
          <span className={classes.laneName} style={{ marginLeft: place.left }}>
            {label}
          </span>
          <div
            className={classes.track}
            style={place.width > 0 ? { marginLeft: place.left, width: place.width } : undefined}
          >
            {bands
              .filter((band) => band.side === side && band.to >= from && band.from <= to)
              .map((band) => (
                <button
                  key={`${band.from}-${band.alert.key}`}
                  type="button"
                  className={classes.band}
                  data-verdict={band.verdict}
                  aria-pressed={band === chosen}
                  style={{
                    left: `${percent(band.from)}%`,
                    width: `max(4px, ${percent(band.to) - percent(band.from)}%)`,
                    background: colorOf(band.verdict),
                  }}
                  title={bandWords(band)}
                  aria-label={bandWords(band)}
                  onClick={() => onChoose(band)}
                />
              ))}
          </div>
        </div>
      ))}
      <ul className={classes.legend}>
        {verdicts.map((verdict) => (
          <li key={verdict}>
            <span className={classes.swatch} style={{ background: colorOf(verdict) }} aria-hidden />
            {VERDICTS[verdict].words}
          </li>
        ))}
      </ul>
    </>
  );
}

const bandWords = ({ alert, verdict, from, to }: Band) =>
  [
    alert.message,
    VERDICTS[verdict].words,
    formatSpan(from, to),
    alert.ended_at === null ? 'would be open still' : formatDuration(to - from),
  ].join('\n');
