// Two ways of making work wait for its turn: at most so many at once, and only those who agree on a setting.

/** Runs work when there is room for it. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets at most `width` pieces of work run at once, in the order they came. */
export function createGate(width: number): Gate {
  let free = width;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}

/** Runs work while the setting is what it needs. */
export type SettingGate = <T>(setting: string, work: () => Promise<T>) => Promise<T>;

/**
 * Lets work run together that needs the same setting, and changes the setting in between: all that
 * wait for one setting are let in together, so there are as few changes as can be.
 */
export function createSettingGate(current: () => string, change: (setting: string) => Promise<void>): SettingGate {
  let running = 0;
  let changing = false;
  let waiting: { readonly setting: string; readonly go: () => void; readonly fail: (error: unknown) => void }[] = [];

  async function admit(): Promise<void> {
    const first = waiting[0];
    if (first === undefined || running > 0 || changing) return;
    const setting = first.setting;
    let refused: { readonly error: unknown } | undefined;
    if (setting !== current()) {
      changing = true;
      try {
        await change(setting);
      } catch (error) {
        refused = { error };
      }
      changing = false;
    }
    const admitted = waiting.filter((entry) => entry.setting === setting);
    waiting = waiting.filter((entry) => entry.setting !== setting);
    for (const entry of admitted) {
      if (refused !== undefined) entry.fail(refused.error);
      else {
        running++;
        entry.go();
      }
    }
    if (refused !== undefined) await admit();
  }

  return async (setting, work) => {
    await new Promise<void>((go, fail) => {
      if (!changing && waiting.length === 0 && setting === current()) {
        running++;
        go();
        return;
      }
      waiting.push({ setting, go, fail });
      void admit();
    });
    try {
      return await work();
    } finally {
      running--;
      void admit();
    }
  };
}
