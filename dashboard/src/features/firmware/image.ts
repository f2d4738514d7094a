import type { Device } from '@/features/devices/api';
import type { FirmwareKey, Image } from './api';

export const titleOf = ({ name, version }: Pick<Image, 'name' | 'version'>) => `${name} ${version}`;

/** Which devices it is made for. */
export function madeFor({ device_types: types, hardware_versions: hardware }: Image): string {
  const parts = [types?.join(', ') || 'all types'];
  if (hardware && hardware.length > 0) parts.push(`hardware ${hardware.join(', ')}`);
  return parts.join('; ');
}

/** Who vouches for it. */
export function signer({ signature, key_id }: Image, keys: readonly FirmwareKey[]): string {
  if (!signature) return 'not signed';
  if (key_id === null) return 'a key that was removed';
  return keys.find(({ id }) => id === key_id)?.name ?? `key ${key_id}`;
}

/** The filter of devices that say that they run it. */
export function runsImage({ version, device_types: types }: Image): string {
  const runs = `device.firmware_version === ${JSON.stringify(version)}`;
  if (!types || types.length === 0) return runs;
  const kinds = types.map((type) => `device.type === ${JSON.stringify(type)}`).join(' || ');
  return `${runs} && (${kinds})`;
}

/** Whether a device may be offered it; the platform has the last word. */
export function fits(image: Image, device: Pick<Device, 'device_type' | 'firmware_version' | 'hardware_version'>) {
  const among = (kinds: readonly string[] | undefined, kind: string) => !kinds?.length || kinds.includes(kind);
  return (
    image.state === 'ready' &&
    image.version !== device.firmware_version &&
    among(image.device_types, device.device_type) &&
    among(image.hardware_versions, device.hardware_version ?? '')
  );
}

/** What a file's name says of its image: `greenhouse-1.4.0.bin`. */
export function fromFileName(file: string): { readonly name: string; readonly version: string } {
  const stem = file.replace(/\.(bin|img|hex|uf2|fw|zip|gz|tar|swu|raucb)$/i, '');
  const [, name, version] = /^(.+?)[-_ ]v?(\d+(?:\.\d+)+\S*)$/.exec(stem) ?? [];
  return { name: name ?? stem, version: version ?? '' };
}
