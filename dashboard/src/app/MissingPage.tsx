import { Button } from '@mantine/core';
import { IconMapOff } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Empty } from '@/ui/Empty';
import { Page } from '@/ui/Page';

export function MissingPage() {
  return (
    <Page title="Not found">
      <Empty icon={IconMapOff} title="There is no page at this address">
        <Button component={Link} to="/overview" variant="default" mx="auto">
          Go to the overview
        </Button>
      </Empty>
    </Page>
  );
}
