import classes from './Brand.module.css';

/** The mark and the name. */
export function Brand() {
  return (
    <span className={classes.brand}>
      <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden>
        <rect width="32" height="32" rx="8" fill="var(--brand-ground, #1c7c62)" />
        <path
          d="M6 19.5h4.2l3-9 5 13 3.1-8.5H26"
          fill="none"
          stroke="#f6f5f1"
          strokeWidth="2.5"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      IoTFlow
    </span>
  );
}
