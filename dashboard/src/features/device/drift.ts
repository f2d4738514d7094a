import type { Effective } from './configurations';

type Told = Pick<Effective, 'version' | 'drift' | 'drift_keys' | 'problem' | 'acknowledgement'>;

/** In one sentence, whether the device has what it should. */
export function driftWords({ version, drift, drift_keys, problem, acknowledgement }: Told): string {
  const message = acknowledgement?.message ? `: ${acknowledgement.message}` : '';
  switch (drift) {
    case 'in_sync':
      return version === 0 ? 'Nothing was ever set.' : `The device has confirmed version ${version}.`;
    case 'pending':
      return `The device was told version ${version} and has not answered yet.`;
    case 'differs':
      return drift_keys.length > 0
        ? `The device has something else in ${drift_keys.join(', ')}.`
        : 'The device has something else.';
    case 'rejected':
      return `The device does not want version ${version}${message}.`;
    case 'unacknowledged':
      return `The device has not confirmed version ${version} in time.`;
    case 'invalid':
      return `The device stays with version ${version}, because what it should have is not allowed: ${problem ?? ''}.`;
  }
}

export const isDrift = ({ drift }: Pick<Told, 'drift'>) => drift !== 'in_sync' && drift !== 'pending';

/** Where a key's values are from, the outermost first: `type:thermostat`. */
export function originsOf(key: string, { sources, levels }: Pick<Effective, 'sources' | 'levels'>): string[] {
  const at = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const found = new Set(
    Object.entries(sources)
      .filter(([path]) => path === at || path.startsWith(`${at}/`))
      .map(([, level]) => level.target),
  );
  return [...new Set(levels.map(({ target }) => target))].filter((target) => found.has(target));
}

/** A level in a reader's words. */
export function originWords(target: string): string {
  if (target.startsWith('device:')) return 'this device';
  return target.replace(':', ' ');
}
