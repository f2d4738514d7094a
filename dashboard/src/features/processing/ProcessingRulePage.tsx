import { Button, Skeleton, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useNavigate, useParams } from 'react-router';
import { useMay } from '@/api/me';
import { DocumentView } from '@/features/rules/DocumentView';
import { type Document, editable, textAt } from '@/features/rules/document';
import { DraftProvider, useNewDraft } from '@/features/rules/draft';
import { useLeaveGuard } from '@/features/rules/LeaveGuard';
import { Back } from '@/ui/Back';
import { Columns } from '@/ui/Columns';
import { Page } from '@/ui/Page';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { type ProcessingRule, useProcessingRule, useSaveProcessingRule } from './api';
import { DryRun } from './DryRun';
import { StepsForm } from './StepsForm';

const BACK = <Back to="/processing-rules">Processing rules</Back>;

const FRESH: Document = { name: '', steps: [{ type: 'calibrate', metric: '', offset: 0 }] };

/** A new processing rule. */
export function NewProcessingRulePage() {
  return <Editor kept={undefined} begun={FRESH} />;
}

/** One processing rule, and what it makes of a message. */
export function ProcessingRulePage() {
  const id = Number(useParams().rule);
  const found = useProcessingRule(Number.isSafeInteger(id) && id > 0 ? id : null);
  if (found.data) return <Editor key={found.data.id} kept={found.data} begun={editable(found.data)} />;
  if (found.error) {
    return (
      <Page title="Processing rule" above={BACK}>
        <ProblemNotice failure={found.error} retry={() => void found.refetch()} />
      </Page>
    );
  }
  return (
    <Stack gap="lg" aria-busy aria-label="Loading the processing rule">
      {BACK}
      <Skeleton height={28} width={240} />
      <Skeleton height={360} />
    </Stack>
  );
}

function Editor({ kept, begun }: { readonly kept: ProcessingRule | undefined; readonly begun: Document }) {
  const mayWrite = useMay()('rules:write');
  const save = useSaveProcessingRule(kept);
  const draft = useNewDraft(begun, save.error, !mayWrite);
  const navigate = useNavigate();
  const guard = useLeaveGuard(draft.isChanged);
  const keep = () =>
    save.mutate(draft.document, {
      onSuccess: (saved) => {
        draft.replace(editable(saved));
        notifications.show({ title: `${saved.name} is in force`, message: `as version ${saved.version}` });
        if (!kept) guard.leave(() => navigate(`/processing-rules/${saved.id}`, { replace: true }));
      },
    });
  const lead = kept
    ? `Version ${kept.version}${draft.isChanged ? ', and changes that are not saved' : ''}`
    : 'Not saved yet';
  return (
    <DraftProvider draft={draft}>
      <Page
        title={kept?.name ?? (textAt(draft.document, 'name') || 'New processing rule')}
        above={BACK}
        lead={lead}
        actions={
          mayWrite && (
            <Button onClick={keep} loading={save.isPending} disabled={kept && !draft.isChanged}>
              {kept ? 'Save' : 'Create'}
            </Button>
          )
        }
      >
        {save.error && save.variables === draft.document ? <ProblemNotice failure={save.error} /> : null}
        <Columns from="lg">
          <DocumentView>
            <StepsForm />
          </DocumentView>
          {mayWrite && <DryRun />}
        </Columns>
        {guard.question}
      </Page>
    </DraftProvider>
  );
}
