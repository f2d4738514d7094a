import { Autocomplete, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { asProblem } from '@/api/problem';
import { ProblemNotice } from '@/ui/ProblemNotice';
import { OnlyOnce } from '@/ui/ShownOnce';
import { type Device, useRegister } from './api';
import { KeyLines } from './KeyLines';
import { useDeviceTypes } from './types';

/** Registers a device, then shows its key, which the platform tells only this once. */
export function RegisterDialog({ onClose }: { readonly onClose: () => void }) {
  const register = useRegister();
  const registered = register.data?.device;
  return (
    <Modal
      opened
      onClose={onClose}
      title={registered ? `${registered.name} is registered` : 'Register a device'}
      size="lg"
      closeOnClickOutside={!registered}
      closeOnEscape={!registered}
    >
      {registered ? (
        <Registered device={registered} onClose={onClose} />
      ) : (
        <Form register={register} onClose={onClose} />
      )}
    </Modal>
  );
}

interface FormProps {
  readonly register: ReturnType<typeof useRegister>;
  readonly onClose: () => void;
}

function Form({ register, onClose }: FormProps) {
  const types = useDeviceTypes();
  const [name, setName] = useState('');
  const [type, setType] = useState('');
  const [location, setLocation] = useState('');
  const [description, setDescription] = useState('');
  const problem = register.error ? asProblem(register.error) : null;
  const nameTaken = problem?.status === 409;
  const fieldError = (field: string) => problem?.errors.find((error) => error.field === field)?.detail;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    register.mutate({
      name: name.trim(),
      device_type: type.trim(),
      location: location.trim() || undefined,
      description: description.trim() || undefined,
    });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          description="Unique on this platform; the device may use it to sign in."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={nameTaken ? problem.detail || problem.title : fieldError('name')}
          required
          data-autofocus
          autoComplete="off"
          spellCheck={false}
        />
        <Autocomplete
          label="Type"
          description="What kind of device it is; any word will do."
          data={types}
          value={type}
          onChange={setType}
          error={fieldError('device_type')}
          required
        />
        <Group grow align="flex-start">
          <TextInput label="Location" value={location} onChange={(event) => setLocation(event.currentTarget.value)} />
          <TextInput
            label="Description"
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
        </Group>
        {problem && !nameTaken ? <ProblemNotice failure={problem} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={register.isPending} disabled={!name.trim() || !type.trim()}>
            Register
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface RegisteredProps {
  readonly device: Device & { api_key: string };
  readonly onClose: () => void;
}

function Registered({ device, onClose }: RegisteredProps) {
  const navigate = useNavigate();
  return (
    <Stack gap="md">
      <OnlyOnce />
      <KeyLines device={device} apiKey={device.api_key} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Done
        </Button>
        <Button onClick={() => void navigate(`/devices/${device.id}`)}>Open the device</Button>
      </Group>
    </Stack>
  );
}
