import { useGroupNames } from '@/features/groups/api';
import { OrganizationName } from '@/features/organizations/Organization';
import { type Fact, Facts, Titled } from '@/ui/Facts';
import { formatCount } from '@/ui/format';
import { Moment } from '@/ui/Time';
import type { Rollout } from './api';
import { scopeWords, windowWords } from './plan';

/** What was planned, and by whom. */
export function PlanFacts({ rollout }: { readonly rollout: Rollout }) {
  const groupName = useGroupNames();
  const rows: Fact[] = [
    ['For', scopeWords(rollout.scope, groupName)],
    ['Begins', rollout.start_at ? <Moment key="start" at={rollout.start_at} /> : 'at once'],
    ['Offers', rollout.rate_per_minute ? `${formatCount(rollout.rate_per_minute)} a minute at most` : 'without limit'],
    ['Windows', rollout.windows?.length ? rollout.windows.map(windowWords).join('; ') : 'always'],
    ['Each device', `${rollout.max_attempts} attempts, each given up after ${rollout.timeout} of silence`],
    ['After a halt', rollout.rollback ? 'devices go back to what they ran before' : 'devices stay as they are'],
    ['Latecomers', rollout.joins ? 'take part in the last stage' : 'take no part'],
    ['Author', rollout.author],
    ...(rollout.approval ? ([['Approved by', rollout.approver || 'nobody yet']] satisfies Fact[]) : []),
    ['Organization', <OrganizationName key="organization" id={rollout.organization_id} />],
  ];
  return (
    <Titled title="Plan">
      <Facts rows={rows} />
    </Titled>
  );
}
