import { beforeEach, expect, test, vi } from 'vitest';
import { type Message, Over, Renewals } from './renewal';
import type { Session, Tokens } from './session';

/** The platform's side: each refresh token is good once, and a second use ends the session. */
class Platform {
  good = 'r0';
  ended = false;
  asked = 0;
  delay = 50;
  unreachable = false;

  async refresh(token: string): Promise<Tokens> {
    this.asked++;
    await new Promise((resolve) => setTimeout(resolve, this.delay));
    if (this.unreachable) throw new TypeError('Failed to fetch');
    if (this.ended || token !== this.good) {
      this.ended = true;
      throw new Over();
    }
    this.good = `r${this.asked}`;
    return { access_token: `a${this.asked}`, refresh_token: this.good, expires_in: 900 };
  }
}

/** One browser tab; messages take a few milliseconds and reach all others that are awake. */
class Tab {
  session: Session | null;
  notice: string | null = null;
  awake = true;
  readonly renewals: Renewals;

  constructor(session: Session | null = begun('s')) {
    this.session = session;
    this.renewals = new Renewals({
      post: (message) => post(this, message),
      current: () => this.session,
      continueWith: (next) => (this.session = next),
      end: (notice) => {
        this.session = null;
        this.notice = notice;
      },
      refresh: (token) => platform.refresh(token),
    });
    tabs.push(this);
  }
}

const begun = (id: string): Session => ({
  id,
  authorization: 'Bearer a0',
  renewal: { refreshToken: 'r0', goodUntil: 0, turn: 0 },
});

let platform: Platform;
let tabs: Tab[];

function post(from: Tab, message: Message) {
  setTimeout(() => {
    for (const tab of tabs) if (tab !== from && tab.awake) tab.renewals.hear(structuredClone(message));
  }, 5);
}

beforeEach(() => {
  vi.useFakeTimers();
  platform = new Platform();
  tabs = [];
});

const settle = () => vi.advanceTimersByTimeAsync(60_000);

test('many calls of one tab ask the platform once', async () => {
  const tab = new Tab();
  const all = Promise.all([tab.renewals.renew(), tab.renewals.renew(), tab.renewals.renew()]);
  await settle();
  await all;
  expect(platform.asked).toBe(1);
  expect(tab.session).toMatchObject({ id: 's', authorization: 'Bearer a1', renewal: { refreshToken: 'r1', turn: 1 } });
});

test('tabs that share a session ask the platform once, whenever they begin', async () => {
  for (const lag of [0, 3, 40, 119, 121, 150, 172, 400]) {
    platform = new Platform();
    tabs = [];
    const [one, two, three] = [new Tab(), new Tab(), new Tab()];
    const first = one.renewals.renew();
    const second = two.renewals.renew();
    await vi.advanceTimersByTimeAsync(lag);
    const third = three.session?.renewal?.turn === 0 ? three.renewals.renew() : Promise.resolve();
    await settle();
    await Promise.all([first, second, third]);
    expect([platform.asked, platform.ended], `after ${lag} ms`).toEqual([1, false]);
    for (const tab of tabs) expect(tab.session?.authorization).toBe('Bearer a1');
  }
});

test('a tab that slept through a renewal gets the later session from another, without asking', async () => {
  const [one, sleeper] = [new Tab(), new Tab()];
  sleeper.awake = false;
  const done = one.renewals.renew();
  await settle();
  await done;
  expect(sleeper.session?.authorization).toBe('Bearer a0');
  sleeper.awake = true;
  const woken = sleeper.renewals.renew();
  await settle();
  await woken;
  expect(sleeper.session?.authorization).toBe('Bearer a1');
  expect(platform.asked).toBe(1);
});

test('when the tab that goes first gets no answer, another tries after a while', async () => {
  const [one, two] = [new Tab(), new Tab()];
  platform.unreachable = true;
  const both = Promise.allSettled([one.renewals.renew(), two.renewals.renew()]);
  await vi.advanceTimersByTimeAsync(1_000);
  platform.unreachable = false;
  await settle();
  expect((await both).map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(platform.ended).toBe(false);
  for (const tab of tabs) expect(tab.session?.authorization).toMatch(/^Bearer a[12]$/);
});

test('a session that the platform has ended ends in all its tabs, and in no other', async () => {
  const [one, two, other] = [new Tab(), new Tab(), new Tab(begun('another'))];
  platform.ended = true;
  const done = one.renewals.renew();
  await settle();
  await done;
  for (const tab of [one, two]) {
    expect(tab.session).toBeNull();
    expect(tab.notice).toMatch(/has ended/);
  }
  expect(other.session).not.toBeNull();
});

test('whoever signs out while the session is renewed stays signed out', async () => {
  const tab = new Tab();
  const done = tab.renewals.renew();
  await vi.advanceTimersByTimeAsync(130);
  tab.session = null;
  await settle();
  await done;
  expect(tab.session).toBeNull();
});

test('what others say about another session, or a credential that needs no renewal, changes nothing', () => {
  const tab = new Tab({ id: 's', authorization: 'admin x', renewal: null });
  tab.renewals.hear({ type: 'over', id: 's', notice: null });
  expect(tab.session).not.toBeNull();
  const user = new Tab();
  user.renewals.hear({ type: 'over', id: 'another', notice: null });
  user.renewals.hear({
    type: 'have',
    session: { ...begun('another'), renewal: { refreshToken: 'x', goodUntil: 0, turn: 9 } },
  });
  expect(user.session?.renewal?.refreshToken).toBe('r0');
});
