import { formatNumber } from '@/ui/format';
import { kindOf } from './conditions';
import { type Document, isObject, listAt, textAt } from './document';

/** A long text cut to what fits into a line. */
const cut = (text: string, most = 60) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** Which devices a rule looks at, in words. */
export function scopeWords(scope: unknown): string {
  const types = listAt(scope, 'device_types').map(String);
  const devices = listAt(scope, 'devices').map(String);
  const filter = textAt(scope, 'filter');
  const parts = [
    types.length > 0 && `of type ${few(types)}`,
    devices.length > 0 && (devices.length === 1 ? devices[0] : `${devices.length} devices`),
    filter && `where ${cut(filter, 40)}`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : 'all devices';
}

const few = (names: readonly string[]) =>
  names.length <= 2 ? names.join(' or ') : `${names.slice(0, 2).join(', ')} or ${names.length - 2} more`;

/** What a rule waits for, in words. */
export function conditionWords(condition: unknown): string {
  if (typeof condition === 'string') return cut(condition);
  if (!isObject(condition)) return 'nothing yet';
  const hold = textAt(condition, 'hold');
  return cut(`${bare(condition)}${hold ? ` for ${hold}` : ''}`, 90);
}

function bare(it: Document): string {
  const metric = textAt(it, 'metric') || 'a metric';
  switch (it.type) {
    case 'threshold_high':
      return `${metric} above ${value(it.threshold)}`;
    case 'threshold_low':
      return `${metric} below ${value(it.threshold)}`;
    case 'expression':
      return cut(textAt(it, 'expression'));
    case 'absence':
      return `${textAt(it, 'metric') || 'everything'} silent for ${textAt(it, 'for')}`;
    case 'rate':
      return `${metric} changes ${[
        it.above !== undefined && `above ${value(it.above)}`,
        it.below !== undefined && `below ${value(it.below)}`,
      ]
        .filter(Boolean)
        .join(' or ')} per ${textAt(it, 'per')}`;
    case 'statistical':
      return `${metric} beyond ${value(it.sigma ?? 3)} σ of ${textAt(it, 'window') || '1d'}`;
    case 'time_window':
      return `from ${textAt(it, 'from')} to ${textAt(it, 'to')}`;
    case 'geofence':
      return `${it.event === 'leave' ? 'outside' : 'inside'} of ${textAt(it, 'geofence') || 'an area'}`;
    case 'movement':
      return `moves faster than ${value(it.above_kmh)} km/h`;
    case 'clock_skew':
      return `clock wrong by more than ${textAt(it, 'beyond')}`;
    case 'credential_failures':
      return `${value(it.at_least)} wrong credentials in ${textAt(it, 'within')}`;
    case 'message_flood':
      return `${value(it.at_least)} messages in ${textAt(it, 'within')}`;
    case 'metadata_check':
      return `metadata has ${cut(JSON.stringify(it.contains), 30)}`;
    case 'sequence':
      return `${conditionWords(it.first)}, then ${it.absent ? 'not ' : ''}${conditionWords(it.then)}`;
    case 'count':
      return `${value(it.at_least)} times in ${textAt(it, 'within')}: ${conditionWords(it.of)}`;
    case 'all':
      return listAt(it, 'of').map(conditionWords).join(' and ');
    case 'any':
      return listAt(it, 'of').map(conditionWords).join(' or ');
    case 'not':
      return `not ${conditionWords(it.of)}`;
    default:
      return kindOf(it)?.label ?? String(it.type ?? 'a condition');
  }
}

const value = (it: unknown) => (typeof it === 'number' ? formatNumber(it) : '…');

/**
 * The message of a rule with what is known put in its `${…}`; the rest stays, for only the platform can compute it.
 */
export function messagePreview(template: string, sample: Readonly<Record<string, string>>): string {
  return template.replace(/\$\{\s*([^}]*?)\s*\}/g, (whole, name: string) => sample[name] ?? whole);
}
