import { Alert, Button, Group, Input, Stack, Text } from '@mantine/core';
import { IconGitMerge } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { asProblem } from '@/api/problem';
import { type JsonObject, pretty, objectIn } from '@/editor/json';
import { FormDialog } from '@/ui/FormDialog';
import { type Shadow, useDesire } from './api';
import { alsoIn, type Change, changesBetween, nullsIn, patched, patchOf, pathWords } from './document';
import classes from './Shadow.module.css';

const CodeEditor = lazy(() => import('@/editor/CodeEditor'));

interface Props {
  readonly device: number;
  /** As it is now, however long this is open. */
  readonly shadow: Shadow;
  readonly onClose: () => void;
}

/**
 * The desired half as JSON. What is sent is the JSON Merge Patch that makes what is written of what was read. Where
 * somebody else was faster, his changes are shown, and the patch goes on top of them if that is wanted.
 */
export function DesireDialog({ device, shadow, onClose }: Props) {
  const [base, setBase] = useState({ desired: shadow.desired, version: shadow.desired_version });
  const [text, setText] = useState(() => pretty(shadow.desired));
  const desire = useDesire(device);
  const { object, mistake } = objectIn(text);
  const nulls = object ? nullsIn(object) : [];
  const patch = object && nulls.length === 0 ? patchOf(base.desired, object) : null;
  const isEmpty = patch !== null && Object.keys(patch).length === 0;
  const meanwhile = shadow.desired_version === base.version ? null : changesBetween(base.desired, shadow.desired);
  const isConflict = desire.error !== null && asProblem(desire.error).status === 409 && meanwhile !== null;
  const error =
    mistake?.message ??
    (nulls.length > 0
      ? `null removes a key, so that none can have it: leave out ${nulls.map(pathWords).join(', ')}, or write something else.`
      : undefined);
  const rebase = () => {
    desire.reset();
    setBase({ desired: shadow.desired, version: shadow.desired_version });
    setText(pretty(patched(shadow.desired, patch ?? {})));
  };
  return (
    <FormDialog
      title="What the device shall be"
      act="Save"
      size="lg"
      ready={patch !== null && !isEmpty && meanwhile === null}
      busy={desire.isPending}
      failure={isConflict ? null : desire.error}
      onSubmit={() => patch && desire.mutate({ patch, version: base.version }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Input.Wrapper label="Desired" labelElement="div" error={error}>
        <Suspense fallback={<div className={classes.placeholder} />}>
          <CodeEditor
            value={text}
            onChange={setText}
            language="json"
            label="Desired"
            description={error}
            mistakes={mistake ? [mistake] : undefined}
            tall
          />
        </Suspense>
      </Input.Wrapper>
      {meanwhile && <Meanwhile changes={meanwhile} patch={patch} onTake={rebase} />}
      {patch && !isEmpty && (
        <Stack gap={2}>
          <Text size="sm" c="dimmed">
            What is sent, as a JSON Merge Patch
          </Text>
          <pre className={classes.patch} aria-label="What is sent">
            {pretty(patch)}
          </pre>
        </Stack>
      )}
    </FormDialog>
  );
}

interface MeanwhileProps {
  readonly changes: readonly Change[];
  /** Null while what is written is none. */
  readonly patch: JsonObject | null;
  readonly onTake: () => void;
}

/** What others have desired since this was opened, and the way to go on from there. */
function Meanwhile({ changes, patch, onTake }: MeanwhileProps) {
  const contested = new Set(patch ? alsoIn(changes, patch) : []);
  return (
    <Alert color="ochre" icon={<IconGitMerge size={18} />} title="Somebody else has changed it meanwhile">
      {changes.length === 0 ? (
        <Text size="sm" mb="xs">
          It was changed, and back again.
        </Text>
      ) : (
        <ul className={classes.meanwhile} aria-label="What was changed meanwhile">
          {changes.map((change) => (
            <li key={pathWords(change.path)}>
              <code>{pathWords(change.path)}</code> {changeWords(change)}
              {contested.has(change) && <strong>; you change it too, and yours would stay</strong>}
            </li>
          ))}
        </ul>
      )}
      <Group>
        <Button size="xs" variant="default" disabled={patch === null} onClick={onTake}>
          Put my changes on top of it
        </Button>
      </Group>
    </Alert>
  );
}

function changeWords({ before, after }: Change): string {
  if (after === undefined) return `was taken away (was ${JSON.stringify(before)})`;
  if (before === undefined) return `is ${JSON.stringify(after)} now (was not there)`;
  return `is ${JSON.stringify(after)} now (was ${JSON.stringify(before)})`;
}
