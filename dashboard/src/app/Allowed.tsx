import { IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Navigate, Outlet } from 'react-router';
import { type Permission, useMay, useMe } from '@/api/me';
import { Empty } from '@/ui/Empty';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { sectionsFor } from './pages';

/** Shows the pages below to whoever has the permission, and says to others why not. The platform refuses anyway. */
export function Allowed({ need }: { readonly need: Permission }) {
  const may = useMay();
  return (
    <KnownCaller>
      {may(need) ? (
        <Outlet />
      ) : (
        <Page title="Not allowed">
          <Empty icon={IconLock} title="Your role does not include this page">
            {`It takes the permission ${need}. Ask whoever manages your users for a role that has it.`}
          </Empty>
        </Page>
      )}
    </KnownCaller>
  );
}

/** The first page that the caller may see. */
export function FirstPage() {
  const may = useMay();
  return (
    <KnownCaller>
      <Navigate to={sectionsFor(may)[0]?.pages[0]?.to ?? '/account'} replace />
    </KnownCaller>
  );
}

/** Waits until it is known who is calling, or says why it is not. */
function KnownCaller({ children }: { readonly children: ReactNode }) {
  const me = useMe();
  if (me.data) return children;
  return me.error ? <ProblemNotice failure={me.error} retry={() => void me.refetch()} /> : null;
}
