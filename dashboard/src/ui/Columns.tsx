import type { ComponentProps } from 'react';
import classes from './Columns.module.css';

interface Props extends ComponentProps<'div'> {
  /** From this width on there are two columns; never, if it is absent. */
  readonly from?: 'md' | 'lg';
}

/** One column, two where there is room. Mantine's grids write style elements, which the policy of the page forbids. */
export function Columns({ from, ...rest }: Props) {
  return <div className={classes.columns} data-from={from} {...rest} />;
}
