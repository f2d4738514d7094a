import { Select, Text, TextInput } from '@mantine/core';
import { Link } from 'react-router';
import type { Pages } from '@/api/pages';
import { type Image, useKeys } from '@/features/firmware/api';
import { madeFor, signer, titleOf } from '@/features/firmware/image';
import { Facts } from '@/ui/Facts';
import { formatBytes } from '@/ui/format';
import { ProblemNotice } from '@/ui/ProblemNotice';
import type { StepProps } from './NewRolloutPage';
import type { PlanDraft } from './plan';

/** What a rollout is called unless somebody says otherwise. */
export function useSuggestedName(images: readonly Image[], { firmware }: PlanDraft): string {
  const image = images.find(({ id }) => id === firmware);
  return image ? `${image.name} to ${image.version}` : '';
}

/** Which image, and what the rollout is called. */
export function ImageStep({ plan, set, images }: StepProps & { readonly images: Pages<Image> }) {
  const keys = useKeys().rows;
  const ready = images.rows.filter(({ state }) => state === 'ready');
  const image = ready.find(({ id }) => id === plan.firmware);
  return (
    <>
      {images.failure ? <ProblemNotice failure={images.failure} retry={images.retry} /> : null}
      <Select
        label="Image"
        placeholder={images.isPending ? 'Loading' : 'Choose one that is ready'}
        data={ready.map((each) => ({ value: String(each.id), label: titleOf(each) }))}
        value={image ? String(image.id) : null}
        onChange={(id) => set({ firmware: id === null ? null : Number(id) })}
        searchable
        maw={480}
      />
      {!images.isPending && ready.length === 0 && (
        <Text size="sm">
          No image is ready. <Link to="/firmware">Upload one</Link> first.
        </Text>
      )}
      {image && (
        <>
          <Facts
            rows={[
              ['Made for', madeFor(image)],
              ['Size', formatBytes(image.size)],
              ['Signed by', signer(image, keys)],
              ['Channel', image.channel ?? 'stable'],
            ]}
          />
          {image.release_notes && (
            <Text size="sm" c="dimmed" style={{ whiteSpace: 'pre-wrap' }}>
              {image.release_notes}
            </Text>
          )}
          <TextInput
            label="Name of the rollout"
            value={plan.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
            maxLength={128}
            autoComplete="off"
            maw={480}
          />
        </>
      )}
    </>
  );
}
