import { Confirm } from '@/ui/Confirm';
import { type Image, useDeleteImage, useWithdraw } from './api';
import { titleOf } from './image';

interface Props {
  readonly image: Image;
  readonly onClose: () => void;
  readonly onDone?: () => void;
}

export function WithdrawDialog({ image, onClose }: Props) {
  const withdraw = useWithdraw(image.id);
  return (
    <Confirm
      title="Withdraw an image"
      act="Withdraw"
      danger
      busy={withdraw.isPending}
      failure={withdraw.error}
      onConfirm={() => withdraw.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <strong>{titleOf(image)}</strong> is offered to nobody any more, and this cannot be taken back. Devices that were
      offered it already go on; a rollout of it halts.
    </Confirm>
  );
}

export function DeleteDialog({ image, onClose, onDone = onClose }: Props) {
  const remove = useDeleteImage(image.id);
  return (
    <Confirm
      title="Delete an image"
      act="Delete"
      danger
      busy={remove.isPending}
      failure={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onDone })}
      onClose={onClose}
    >
      <strong>{titleOf(image)}</strong> and its bytes go. An image that a device was offered is part of its history and
      can only be withdrawn.
    </Confirm>
  );
}
