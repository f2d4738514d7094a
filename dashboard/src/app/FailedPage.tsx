import { Container } from '@mantine/core';
import { useRouteError } from 'react-router';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';

/** What a page shows when it could not be drawn at all, for instance after the platform was updated under it. */
export function FailedPage() {
  return (
    <Container size="sm" py="xl">
      <Page title="This page failed">
        <ProblemNotice failure={useRouteError()} retry={() => window.location.reload()} />
      </Page>
    </Container>
  );
}
