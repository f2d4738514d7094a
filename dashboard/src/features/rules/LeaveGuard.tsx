import { useRef } from 'react';
import { useBlocker } from 'react-router';
import { Confirm } from '@/ui/Confirm';

/** Asks before a page is left whose changes are not saved; `leave` goes without asking. */
export function useLeaveGuard(isChanged: boolean) {
  const leaving = useRef(false);
  const blocked = useBlocker(
    ({ currentLocation, nextLocation }) =>
      isChanged && !leaving.current && currentLocation.pathname !== nextLocation.pathname,
  );
  const leave = (go: () => unknown) => {
    leaving.current = true;
    void go();
  };
  const question = blocked.state === 'blocked' && (
    <Confirm
      title="Leave without saving?"
      act="Leave"
      danger
      busy={false}
      failure={null}
      onConfirm={() => blocked.proceed()}
      onClose={() => blocked.reset()}
    >
      What has been changed here is lost.
    </Confirm>
  );
  return { leave, question };
}
