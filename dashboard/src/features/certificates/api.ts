import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answerOf, api, type Schemas } from '@/api/client';
import { usePages } from '@/api/pages';

export type Certificate = Schemas['Certificate'];
export type RevocationReason = Schemas['RevocationReason'];

const KEY = ['certificates'] as const;
const PAGE = 100;

/** Those that are good, the first to end first; `before` leaves out those that end later. */
export const useCertificates = (before: string) =>
  usePages([...KEY, 'good', before], async (cursor) => {
    const offset = Number(cursor ?? 0);
    const query = { limit: PAGE, offset, expiring_before: before || undefined };
    const { certificates } = await answerOf(api.GET('/api/v1/certificates', { params: { query } }));
    return { items: certificates, next: certificates.length < PAGE ? null : String(offset + PAGE) };
  });

const of = (device: number) => ({ path: { device: String(device) } });

/** All of a device, ended ones too, the newest first. */
export const useDeviceCertificates = (device: number) =>
  useQuery({
    queryKey: [...KEY, 'device', device],
    queryFn: async () =>
      (await answerOf(api.GET('/api/v1/devices/{device}/certificates', { params: of(device) }))).certificates,
  });

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: change, onSuccess: () => queries.invalidateQueries({ queryKey: KEY }) });
}

/** Issues one for a request, or registers one of an authority that the platform trusts. */
export const useAddCertificate = (device: number) =>
  useChange((wish: Schemas['CertificateWish']) =>
    answerOf(api.POST('/api/v1/devices/{device}/certificates', { params: of(device), body: wish })),
  );

export const useRevokeCertificate = ({ device_id, fingerprint }: Certificate) =>
  useChange((reason: RevocationReason) =>
    answerOf(
      api.DELETE('/api/v1/devices/{device}/certificates/{fingerprint}', {
        params: { path: { device: String(device_id), fingerprint }, query: { reason } },
      }),
    ),
  );
