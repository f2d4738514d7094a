import { useSearchParams } from 'react-router';

/** Texts that stand in the address, so that what is looked at can be sent to somebody; empty for what is not there. */
export function useAddressView<F extends string>(
  fields: readonly F[],
): [Readonly<Record<F, string>>, (change: Partial<Record<F, string>>) => void] {
  const [params, setParams] = useSearchParams();
  const view = Object.fromEntries(fields.map((field) => [field, params.get(field) ?? ''])) as Record<F, string>;
  const change = (part: Partial<Record<F, string>>) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [field, value] of Object.entries<string | undefined>(part)) {
          if (value) next.set(field, value);
          else next.delete(field);
        }
        return next;
      },
      { replace: true },
    );
  return [view, change];
}
