import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { announceImage, carrierOf, finishImage, type Image, type NewImage } from './api';
import { hashOf, sendFrom } from './upload';

interface Hashed {
  readonly file: File;
  readonly done: number;
  readonly hash: string | null;
  readonly failure: unknown;
}

/** The SHA-256 of a file, as far as it has been read. */
export function useHash(file: File | null): Hashed | null {
  const [known, setKnown] = useState<Hashed | null>(null);
  useEffect(() => {
    if (!file) return;
    const abort = new AbortController();
    const become = (part: Partial<Hashed>) =>
      !abort.signal.aborted && setKnown({ file, done: 0, hash: null, failure: null, ...part });
    hashOf(file, (done) => become({ done }), abort.signal).then(
      (hash) => become({ done: file.size, hash }),
      (failure: unknown) => become({ failure }),
    );
    return () => abort.abort();
  }, [file]);
  if (!file) return null;
  return known?.file === file ? known : { file, done: 0, hash: null, failure: null };
}

interface Wish {
  readonly file: File;
  /** What to announce; not needed to go on with an upload. */
  readonly about: NewImage;
}

/**
 * Announces an image, sends its file and makes it ready. Called again after a failure it goes on where it stopped. It
 * stops with the component; what arrived stays.
 */
export function useUpload(kept: Image | undefined) {
  const queries = useQueryClient();
  const [sent, setSent] = useState<number | null>(null);
  const announced = useRef(kept);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const run = useMutation({
    mutationFn: async ({ file, about }: Wish) => {
      abort.current = new AbortController();
      const { signal } = abort.current;
      const image = (announced.current ??= await announceImage(about));
      const carrier = carrierOf(image.id, signal);
      const from = await carrier.standing();
      setSent(from);
      await sendFrom(from, file, carrier, setSent, signal);
      return finishImage(image.id);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['firmware'] }),
  });
  return { ...run, sent, isAnnounced: announced.current !== undefined };
}
