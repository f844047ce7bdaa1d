import type { Caller } from "@vibe-friend/contracts/internal";
import type { StoredSettings } from "@vibe-friend/contracts/cached-values";
import type { InvalidateCacheBody } from "@vibe-friend/contracts/cache-admin";
import type { ReadModelName } from "@vibe-friend/contracts/read-model-stage";
import type { ReadModelArgument, ReadModelValue } from "@vibe-friend/contracts/read-models";
import type { RedisRoleName, RedisRoleView } from "@vibe-friend/contracts/redis-admin";
import type { PutSettingsBody } from "@vibe-friend/contracts/settings";
import type { StatisticsView } from "@vibe-friend/contracts/statistics";
import type { SystemMode } from "@vibe-friend/contracts/system-status";
import type { ReadAnswer } from "@vibe-friend/service-kit/staged-read";

/** What is true now, for each read model; asked when it isn't cached. @throws when the source can't say */
export type ReadModelLoaders = {
  readonly [N in ReadModelName]: (argument: ReadModelArgument<N>) => Promise<ReadModelValue<N>>;
};

/** One value of a read model, and how it is loaded. */
export interface ReadModelPlace<N extends ReadModelName> {
  readonly model: N;
  readonly argument: ReadModelArgument<N>;
  readonly load: () => Promise<ReadModelValue<N>>;
}

/** Values that may vanish, in front of their sources. */
export interface ReadModelCache {
  /** The cached value, or what `load` gives, which is then stored. @throws what `load` throws */
  read<N extends ReadModelName>(place: ReadModelPlace<N>): Promise<ReadAnswer<ReadModelValue<N>>>;
  /** Commits `write`; once this resolves nobody reads the old value. @returns what is true now, stored already */
  writeThrough<N extends ReadModelName>(
    place: ReadModelPlace<N>,
    write: () => Promise<WrittenChange>,
  ): Promise<ReadModelValue<N>>;
  /** Loads anew although the value may still be good; a load that fails leaves it as it is. */
  refresh<N extends ReadModelName>(place: ReadModelPlace<N>): Promise<void>;
  /** Once this resolves nobody reads what it drops. @throws unavailable when neither Redis nor the journal took it */
  invalidate(what: InvalidateCacheBody): Promise<{ readonly journaledOnly: boolean }>;
}

/** A committed change; the journal's row tells Redis where nobody else does. */
export interface WrittenChange {
  readonly journalId: string | undefined;
}

export interface SettingsStore {
  list(): Promise<StoredSettings>;
  /** The change and, in the same transaction, the journal's row that makes Redis forget. */
  put(change: {
    readonly values: PutSettingsBody;
    readonly userId: string;
    readonly invalidates: readonly string[];
  }): Promise<WrittenChange>;
}

/** Redis as this process sees it; answers whatever is down. */
export interface RedisServers {
  /** The worse of both roles. */
  mode(): SystemMode;
  describe(): Promise<RedisRoleView[]>;
  /** Has the server save a snapshot behind its work. @throws unavailable; redis_refused, as while one is being saved */
  save(role: RedisRoleName): Promise<void>;
}

export interface GenerationQueue {
  /** null when Redis can't be asked. */
  counts(): Promise<StatisticsView["queue"]>;
}

export interface AuditLog {
  append(entry: {
    readonly userId: string;
    readonly action: string;
    readonly target?: string;
    readonly details: Readonly<Record<string, unknown>>;
    readonly caller: Caller;
  }): Promise<void>;
}
