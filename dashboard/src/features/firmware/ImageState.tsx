import { Badge } from '@mantine/core';
import type { Image } from './api';

/** Where an image stands; the usual state is said quietly. */
export function ImageState({ image }: { readonly image: Image }) {
  if (image.state === 'ready') return <Badge color="verdigris">ready</Badge>;
  if (image.state === 'withdrawn') return <Badge color="gray">withdrawn</Badge>;
  return <Badge color="ochre">{`uploading, ${Math.floor((image.uploaded / image.size) * 100)} %`}</Badge>;
}
