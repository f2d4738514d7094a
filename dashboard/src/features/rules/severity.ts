import { SEVERITIES as WORDS } from '@/ui/Severity';

/** The severities as they are offered in forms, the mildest first. */
export const SEVERITIES = WORDS.map((value) => ({ value, label: value[0]!.toUpperCase() + value.slice(1) }));
