import { expect, test } from 'vitest';
import { providerIn } from './ways';

const answer = (start: unknown, methods: unknown = ['password', 'oidc']) => ({
  methods,
  oidc: { label: 'Acme', start },
});

test('a service is offered only with an address on this platform', () => {
  expect(providerIn(answer('/api/v1/auth/oidc/start'))).toEqual({ label: 'Acme', start: '/api/v1/auth/oidc/start' });
  for (const start of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '', 7]) {
    expect(providerIn(answer(start))).toBeNull();
  }
  expect(providerIn(answer('/start', ['password']))).toBeNull();
  for (const nothing of [null, {}, [], 'x']) expect(providerIn(nothing)).toBeNull();
});
