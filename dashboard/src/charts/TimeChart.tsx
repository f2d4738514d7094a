import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import classes from './TimeChart.module.css';
import { chartOptions, type Mark } from './options';

/** Times in seconds, then average, lowest and highest; `null` is a hole. */
export type Columns = (number | null)[][];

interface Props {
  readonly columns: Columns;
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly color: string;
  /** What the picture says, for who does not see it. */
  readonly label: string;
  /** Charts of one group share their cursor. */
  readonly group: string;
  readonly height: number;
  /** Spans of time that are marked behind the line. */
  readonly marks?: readonly Mark[];
  /** A height that matters, such as a rule's threshold. */
  readonly level?: number;
  /** Where the plot begins and how wide it is, in pixels, for what is drawn below it at the same scale. */
  readonly onPlace?: (left: number, width: number) => void;
  readonly onZoom: (from: number, to: number) => void;
  /** The index in the columns under the cursor. */
  readonly onCursor: (index: number | null) => void;
}

const NO_MARKS: readonly Mark[] = [];

/** A line with the band of its lowest and highest values. Drag over it to look closer. */
export function TimeChart(props: Props) {
  const { columns, from, to, color, label, group, height, marks = NO_MARKS, level } = props;
  const scheme = useComputedColorScheme();
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const newest = useRef(props);
  newest.current = props;

  useEffect(() => {
    const element = frame.current!;
    const style = getComputedStyle(element);
    const made = new uPlot(
      chartOptions({
        width: Math.max(element.clientWidth, 80),
        height,
        color,
        group,
        text: style.getPropertyValue('--mantine-color-dimmed'),
        grid: style.getPropertyValue('--hairline'),
        span: () => [newest.current.from / 1000, newest.current.to / 1000],
        marks: () => newest.current.marks ?? NO_MARKS,
        level: () => newest.current.level ?? null,
        accent: style.getPropertyValue('--bad'),
        onPlace: (left, width) => newest.current.onPlace?.(left, width),
        onZoom: (start, end) => newest.current.onZoom(start * 1000, end * 1000),
        onCursor: (index) => newest.current.onCursor(index),
      }),
      newest.current.columns as uPlot.AlignedData,
      element,
    );
    chart.current = made;
    const watcher = new ResizeObserver(() => made.setSize({ width: Math.max(element.clientWidth, 80), height }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [scheme, color, group, height]);

  useEffect(() => {
    chart.current?.setData(columns as uPlot.AlignedData, true);
  }, [columns, from, to, marks, level]);

  return <div ref={frame} className={classes.chart} style={{ height }} role="img" aria-label={label} />;
}
