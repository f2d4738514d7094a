import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { PAGE_SIZE, usePages } from '@/api/pages';

export type DeviceType = Schemas['DeviceType'];
export type DeviceTypeWish = Schemas['NewDeviceType'];
export type TypeMetric = Schemas['TypeMetric'];

const KEY = ['device-types'] as const;
const path = (type: number) => ({ path: { device_type: String(type) } });

export const useTypes = () =>
  usePages([...KEY, 'list'], async (cursor) => {
    const query = { limit: PAGE_SIZE, cursor };
    const answer = await answerOf(api.GET('/api/v1/device-types', { params: { query } }));
    return { items: answer.device_types, next: answer.next_cursor };
  });

export const useType = (type: number | null) =>
  useQuery({
    queryKey: [...KEY, 'one', type],
    queryFn: () => answerOf(api.GET('/api/v1/device-types/{device_type}', { params: path(type!) })),
    enabled: type !== null,
    refetchOnWindowFocus: false,
  });

export function useSaveType(type: DeviceType | undefined) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: DeviceTypeWish) =>
      type
        ? answerOf(
            api.PUT('/api/v1/device-types/{device_type}', {
              params: { ...path(type.id), header: { 'If-Match': `"${type.version}"` } },
              body: wish,
            }),
          )
        : answerOf(api.POST('/api/v1/device-types', { body: wish })),
    onSuccess: (kept) => {
      queries.setQueryData([...KEY, 'one', kept.id], kept);
      return queries.invalidateQueries({ queryKey: KEY });
    },
  });
}

export function useDeleteType() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (type: number) => answerOf(api.DELETE('/api/v1/device-types/{device_type}', { params: path(type) })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}
