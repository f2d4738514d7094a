import { Button, Skeleton, Stack, Tabs } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useLocation, useNavigate, useParams, useSearchParams } from 'react-router';
import { useMay } from '@/api/me';
import { Back } from '@/ui/Back';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { TabList } from '@/ui/TabList';
import { useRule, useSave } from './api';
import { type Document, editable, isObject, type Rule, textAt } from './document';
import { DraftProvider, useNewDraft } from './draft';
import { DocumentView } from './DocumentView';
import { useLeaveGuard } from './LeaveGuard';
import { ReplayPanel } from './ReplayPanel';
import { RuleForm } from './RuleForm';
import { TestPanel } from './TestPanel';
import { VersionsPanel } from './VersionsPanel';

const BACK = <Back to="/rules">Rules</Back>;

/** How a rule begins that somebody makes from nothing. */
const FRESH: Document = {
  name: '',
  severity: 'warning',
  condition: { type: 'threshold_high', metric: '', threshold: 30 },
};

/** A new rule, from nothing or from what a template made. */
export function NewRulePage() {
  const state: unknown = useLocation().state;
  const begun = isObject(state) && isObject(state.begun) ? state.begun : undefined;
  return <Editor kept={undefined} begun={begun ?? FRESH} />;
}

/** One rule: what it is, what it would have done, and what it was before. */
export function RulePage() {
  const id = Number(useParams().rule);
  const found = useRule(Number.isSafeInteger(id) && id > 0 ? id : null);
  if (found.data) return <Editor key={found.data.id} kept={found.data} begun={editable(found.data)} />;
  if (found.error) {
    return (
      <Page title="Rule" above={BACK}>
        <ProblemNotice failure={found.error} retry={() => void found.refetch()} />
      </Page>
    );
  }
  return (
    <Stack gap="lg" aria-busy aria-label="Loading the rule">
      {BACK}
      <Skeleton height={28} width={240} />
      <Skeleton height={360} />
    </Stack>
  );
}

const TABS = ['rule', 'replay', 'test', 'versions'] as const;

function Editor({ kept, begun }: { readonly kept: Rule | undefined; readonly begun: Document }) {
  const mayWrite = useMay()('rules:write');
  const save = useSave(kept);
  const draft = useNewDraft(begun, save.error, !mayWrite);
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const tab = TABS.find((name) => name === params.get('tab')) ?? 'rule';
  const guard = useLeaveGuard(draft.isChanged);
  const keep = () =>
    save.mutate(draft.document, {
      onSuccess: (saved) => {
        draft.replace(editable(saved));
        notifications.show({ title: `${saved.name} is in force`, message: `as version ${saved.version}` });
        if (!kept)
          guard.leave(() => navigate(`/rules/${saved.id}${tab === 'rule' ? '' : `?tab=${tab}`}`, { replace: true }));
      },
      onError: () => setParams({}, { replace: true }),
    });
  return (
    <DraftProvider draft={draft}>
      <Page
        title={kept?.name ?? (textAt(draft.document, 'name') || 'New rule')}
        above={BACK}
        lead={
          kept ? `Version ${kept.version}${draft.isChanged ? ', and changes that are not saved' : ''}` : 'Not saved yet'
        }
        actions={
          mayWrite && (
            <>
              {draft.isChanged && kept && (
                <Button variant="default" onClick={() => draft.replace(begun)}>
                  Undo changes
                </Button>
              )}
              <Button onClick={keep} loading={save.isPending} disabled={kept && !draft.isChanged}>
                {kept ? 'Save' : 'Create'}
              </Button>
            </>
          )
        }
      >
        {save.error && save.variables === draft.document ? <ProblemNotice failure={save.error} /> : null}
        <Tabs
          value={tab}
          onChange={(next) => setParams(next === 'rule' || !next ? {} : { tab: next }, { replace: true })}
        >
          <TabList mb="md">
            <Tabs.Tab value="rule">Rule</Tabs.Tab>
            {mayWrite && <Tabs.Tab value="replay">Replay</Tabs.Tab>}
            {mayWrite && <Tabs.Tab value="test">Test</Tabs.Tab>}
            {kept && <Tabs.Tab value="versions">Versions</Tabs.Tab>}
          </TabList>
          <Tabs.Panel value="rule">
            <DocumentView>
              <RuleForm />
            </DocumentView>
          </Tabs.Panel>
          <Tabs.Panel value="replay">
            <ReplayPanel kept={kept} />
          </Tabs.Panel>
          <Tabs.Panel value="test">
            <TestPanel kept={kept} />
          </Tabs.Panel>
          <Tabs.Panel value="versions">{kept && <VersionsPanel rule={kept} />}</Tabs.Panel>
        </Tabs>
        {guard.question}
      </Page>
    </DraftProvider>
  );
}
