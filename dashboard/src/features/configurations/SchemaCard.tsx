import { Button, Card, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { objectIn } from '@/editor/json';
import { Confirm } from '@/ui/Confirm';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { Moment } from '@/ui/Time';
import { useSchema, useSetSchema } from './api';
import { JsonField, mistakesOf } from './JsonField';

interface Props {
  readonly owner: { readonly type: string; readonly organization?: number };
}

/** What configurations of a type must be like. */
export function SchemaCard({ owner }: Props) {
  const found = useSchema(owner);
  if (found.error) return <ProblemNotice failure={found.error} retry={() => void found.refetch()} />;
  if (found.data === undefined) return <Skeleton height={120} />;
  const kept = found.data;
  return (
    <Editor
      key={kept?.revision ?? 0}
      owner={owner}
      kept={kept?.schema}
      said={
        kept && (
          <>
            Set by {kept.author}, <Moment at={kept.updated_at} />
          </>
        )
      }
    />
  );
}

/** What a first schema may look like. */
const EXAMPLE = { type: 'object', properties: { interval: { type: 'integer', minimum: 1 } } };

interface EditorProps extends Props {
  readonly kept: Record<string, unknown> | undefined;
  readonly said: React.ReactNode;
}

function Editor({ owner, kept, said }: EditorProps) {
  const may = useMay()('configurations:write');
  const set = useSetSchema(owner);
  const remove = useSetSchema(owner);
  const [text, setText] = useState(kept ? JSON.stringify(kept, null, 2) : '');
  const [isOpen, setOpen] = useState(kept !== undefined);
  const [isAsked, setAsked] = useState(false);
  const read = objectIn(text).object;
  const refused = mistakesOf(set.error, 'schema', text);
  return (
    <Card>
      <Stack gap="sm">
        <div>
          <Text component="h2" fw={550} m={0}>
            Schema
          </Text>
          <Text size="sm" c="dimmed">
            {said ?? 'There is none: any key and value is allowed.'}
          </Text>
        </div>
        {isOpen && (
          <JsonField
            label="JSON Schema (2020-12)"
            description="Held against what is activated from now on. A configuration that it refuses is not activated."
            value={text}
            onChange={(next) => {
              setText(next);
              if (set.error) set.reset();
            }}
            readOnly={!may}
            refused={refused}
          />
        )}
        {set.error && refused.length === 0 ? <ProblemNotice failure={set.error} /> : null}
        {may && (
          <Group justify="flex-end">
            {!isOpen && (
              <Button
                variant="default"
                onClick={() => {
                  setText(JSON.stringify(EXAMPLE, null, 2));
                  setOpen(true);
                }}
              >
                Write a schema
              </Button>
            )}
            {kept && (
              <Button variant="default" onClick={() => setAsked(true)}>
                Delete
              </Button>
            )}
            {isOpen && (
              <Button
                disabled={!read || JSON.stringify(read) === JSON.stringify(kept)}
                loading={set.isPending}
                onClick={() => set.mutate(read!)}
              >
                Set
              </Button>
            )}
          </Group>
        )}
      </Stack>
      {isAsked && (
        <Confirm
          title="Delete the schema"
          act="Delete"
          danger
          busy={remove.isPending}
          failure={remove.error}
          onConfirm={() => remove.mutate(null, { onSuccess: () => setAsked(false) })}
          onClose={() => setAsked(false)}
        >
          Configurations of the type <strong>{owner.type}</strong> may have any key and value then, unless an
          organization above has a schema.
        </Confirm>
      )}
    </Card>
  );
}
