// Written by hand until the platform's OpenAPI document is there to generate from.
export interface Device {
  id: number;
  name: string;
  device_type: string;
  status: string;
  description?: string | null;
  location?: string | null;
  firmware_version?: string | null;
  hardware_version?: string | null;
  metadata?: Record<string, unknown> | null;
  created_at: string;
  is_online: boolean;
  last_seen?: string | null;
  telemetry_count?: number;
}
export interface DeviceList { devices: Device[]; count: number; total: number; next_cursor?: string | null }
export interface ConfigurationEntry { value: unknown; data_type: string; updated_at: string }
export interface DeviceDetail {
  device: Device;
  configurations: Record<string, ConfigurationEntry>;
  auth_records: { id?: number; created_at: string; expires_at?: string | null; last_used?: string | null; active?: boolean }[];
}
export interface Latest { latest_data: Record<string, unknown> & { timestamp?: string } }
export interface Rows { data: (Record<string, unknown> & { timestamp: string })[]; count: number; next_cursor?: string | null }
export interface Health { status: string; version: string; components?: Record<string, Record<string, unknown>> }
export interface Stats {
  devices: { total: number; online: number };
  messages: { accepted: number; refused: Record<string, number> };
  points: { written: number };
  store: { lag_ms: number };
}
