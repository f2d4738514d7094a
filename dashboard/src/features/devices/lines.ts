import { useQuery } from '@tanstack/react-query';
import { answerOf, api } from '@/api/client';

/** What a device needs to speak to this platform, as lines that can be pasted into a shell. */
export interface Place {
  /** Where this page came from, such as `http://192.168.1.5:8080`. */
  readonly origin: string;
  readonly mqttPort?: number;
}

const SAMPLE = '{"temperature": 23.5}';

export function curlLine(place: Place, key: string): string {
  return `curl -X POST ${place.origin}/api/v1/telemetry -H 'X-API-Key: ${key}' -H 'Content-Type: application/json' -d '${SAMPLE}'`;
}

/** The device's id as user and its key as password, at QoS 1: the command ends when the data is on disk. */
export function mosquittoLine(place: Place, device: { id: number }, key: string): string {
  const host = new URL(place.origin).hostname.replace(/^\[(.*)\]$/, '$1');
  const port = place.mqttPort ?? 1883;
  return `mosquitto_pub -h ${host} -p ${port} -u ${device.id} -P ${key} -q 1 -t devices/${device.id}/telemetry -m '${SAMPLE}'`;
}

/** For a newcomer without a device: registers one without signing in, where the platform allows that. */
export function registerLine(place: Place): string {
  return `curl -X POST ${place.origin}/api/v1/devices/register -H 'Content-Type: application/json' -d '{"name": "my-first-device", "device_type": "temperature"}'`;
}

/** Where this page came from, and the port of its broker as soon as the platform has said it. */
export function usePlace(): Place {
  const broker = useQuery({
    queryKey: ['mqtt-status'],
    queryFn: () => answerOf(api.GET('/api/v1/mqtt/status')),
    staleTime: Infinity,
  });
  return { origin: window.location.origin, mqttPort: broker.data?.broker_info.port };
}
