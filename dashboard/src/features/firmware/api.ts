import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { PAGE_SIZE, usePages } from '@/api/pages';
import { runsImage } from './image';
import type { Carrier } from './upload';

export type Image = Schemas['Firmware'];
export type NewImage = Schemas['NewFirmware'];
export type FirmwareKey = Schemas['FirmwareKey'];
export type Update = Schemas['Update'];

const KEY = ['firmware'] as const;
/** Devices that an image's page names. */
const NAMED = 10;
const of = (image: number) => ({ path: { firmware: String(image) } });

export const useImages = () =>
  usePages([...KEY, 'list'], async (cursor) => {
    const query = { limit: PAGE_SIZE, cursor };
    const answer = await answerOf(api.GET('/api/v1/firmware', { params: { query } }));
    return { items: answer.firmware, next: answer.next_cursor };
  });

export const useImage = (image: number | null) =>
  useQuery({
    queryKey: [...KEY, 'one', image],
    queryFn: () => answerOf(api.GET('/api/v1/firmware/{firmware}', { params: of(image!) })),
    enabled: image !== null,
  });

/** How many devices say that they run it, and some of them. */
export const useRunning = (image: Image) =>
  useQuery({
    queryKey: [...KEY, 'running', image.id],
    queryFn: () =>
      answerOf(api.GET('/api/v1/admin/devices', { params: { query: { filter: runsImage(image), limit: NAMED } } })),
    refetchInterval: 30_000,
  });

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: change, onSuccess: () => queries.invalidateQueries({ queryKey: KEY }) });
}

export const useWithdraw = (image: number) =>
  useChange(() => answerOf(api.POST('/api/v1/firmware/{firmware}/withdraw', { params: of(image) })));

export const useDeleteImage = (image: number) =>
  useChange(() => answerOf(api.DELETE('/api/v1/firmware/{firmware}', { params: of(image) })));

export const announceImage = (wish: NewImage) => answerOf(api.POST('/api/v1/firmware', { body: wish }));

export const finishImage = (image: number) =>
  answerOf(api.POST('/api/v1/firmware/{firmware}/finish', { params: of(image) }));

/** Brings bytes of an image to the platform. */
export const carrierOf = (image: number, signal: AbortSignal): Carrier => ({
  standing: async () =>
    (await answerOf(api.GET('/api/v1/firmware/{firmware}', { params: of(image), signal }))).uploaded,
  send: async (piece, from, size) => {
    const answer = await answerOf(
      api.PUT('/api/v1/firmware/{firmware}/content', {
        params: of(image),
        // The document can name bytes only as a text.
        body: piece as unknown as string,
        bodySerializer: (bytes) => bytes,
        headers: {
          'Content-Type': 'application/octet-stream',
          'Content-Range': `bytes ${from}-${from + piece.size - 1}/${size}`,
        },
        signal,
      }),
    );
    return answer.uploaded;
  },
});

export const useKeys = () =>
  usePages([...KEY, 'keys'], async (cursor) => {
    const query = { limit: PAGE_SIZE, cursor };
    const answer = await answerOf(api.GET('/api/v1/firmware/keys', { params: { query } }));
    return { items: answer.keys, next: answer.next_cursor };
  });

export const useRegisterKey = () =>
  useChange((key: Schemas['NewFirmwareKey']) => answerOf(api.POST('/api/v1/firmware/keys', { body: key })));

export const useRemoveKey = () =>
  useChange((key: number) =>
    answerOf(api.DELETE('/api/v1/firmware/keys/{firmware_key}', { params: { path: { firmware_key: String(key) } } })),
  );

const updateKey = (device: number) => [...KEY, 'updates', device] as const;

/** What a device runs, and its latest updates with their timelines. */
export const useUpdates = (device: number) =>
  useQuery({
    queryKey: updateKey(device),
    queryFn: () =>
      answerOf(api.GET('/api/v1/devices/{device}/updates', { params: { path: { device: String(device) } } })),
    refetchInterval: 15_000,
  });

/** Reads a device's updates again. */
export function useUpdatesAgain(device: number) {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: updateKey(device) });
}

/** Offers an image, with as many attempts and as much patience as the platform has by itself. */
export const useOfferUpdate = (device: number) =>
  useChange((image: number) =>
    answerOf(
      api.POST('/api/v1/devices/{device}/updates', {
        params: { path: { device: String(device) } },
        body: { firmware_id: image, max_attempts: null, timeout: null },
      }),
    ),
  );

export const useCallBack = (device: number) =>
  useChange(() =>
    answerOf(api.DELETE('/api/v1/devices/{device}/updates', { params: { path: { device: String(device) } } })),
  );
