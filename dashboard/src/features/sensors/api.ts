import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';

export type Sensor = Schemas['Sensor'];
export type Calibrated = Schemas['CalibrationList']['calibrations'][number];

/** How often a recalculation that runs is asked for, in milliseconds. */
const EVERY = 500;

const keyOf = (device: number) => ['sensors', device] as const;
const path = (device: number) => ({ device: String(device) });
const one = (device: number, sensor: number) => ({ path: { device: String(device), sensor: String(sensor) } });

export const useSensors = (device: number) =>
  useQuery({
    queryKey: keyOf(device),
    queryFn: () => answerOf(api.GET('/api/v1/devices/{device}/sensors', { params: { path: path(device) } })),
  });

/** After a change of a sensor, what the device measures may look different as well. */
function useChange<T>(device: number, act: (wish: T) => Promise<unknown>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['telemetry', device] });
      return queries.invalidateQueries({ queryKey: keyOf(device) });
    },
  });
}

export const useSaveSensor = (device: number, kept: Sensor | undefined) =>
  useChange(device, (body: Schemas['NewSensor']) =>
    kept
      ? answerOf(
          api.PUT('/api/v1/devices/{device}/sensors/{sensor}', {
            params: { ...one(device, kept.id), header: { 'If-Match': `"${kept.version}"` } },
            body,
          }),
        )
      : answerOf(api.POST('/api/v1/devices/{device}/sensors', { params: { path: path(device) }, body })),
  );

export const useCalibrate = (device: number, sensor: number) =>
  useChange(device, (body: Schemas['NewCalibration']) =>
    answerOf(api.POST('/api/v1/devices/{device}/sensors/{sensor}/calibrations', { params: one(device, sensor), body })),
  );

export const useDeleteSensor = (device: number) =>
  useChange(device, (sensor: number) =>
    answerOf(api.DELETE('/api/v1/devices/{device}/sensors/{sensor}', { params: one(device, sensor) })),
  );

export const useCalibrations = (device: number, sensor: number) =>
  useQuery({
    queryKey: [...keyOf(device), sensor, 'calibrations'],
    queryFn: () =>
      answerOf(api.GET('/api/v1/devices/{device}/sensors/{sensor}/calibrations', { params: one(device, sensor) })),
  });

export const useRecalculate = (device: number, sensor: number) =>
  useMutation({
    mutationFn: (from: string) =>
      answerOf(
        api.POST('/api/v1/devices/{device}/sensors/{sensor}/recalculate', {
          params: one(device, sensor),
          body: { from },
        }),
      ),
  });

export const useRecalculation = (id: number | undefined) =>
  useQuery({
    queryKey: ['recalculation', id],
    enabled: id !== undefined,
    queryFn: () =>
      answerOf(api.GET('/api/v1/recalculations/{recalculation}', { params: { path: { recalculation: String(id) } } })),
    refetchInterval: (query) => (query.state.data?.state === 'running' || !query.state.data ? EVERY : false),
  });
