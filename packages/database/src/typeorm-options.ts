import "reflect-metadata";
import { Client } from "pg";
import { DataSource } from "typeorm";
import { ArchivePartEntity } from "./entities/archive-part.entity";
import { ArchiveEntity } from "./entities/archive.entity";
import { AuditLogEntity } from "./entities/audit-log.entity";
import { GenerationEventEntity } from "./entities/generation-event.entity";
import { GenerationFilePartEntity } from "./entities/generation-file-part.entity";
import { GenerationFileEntity } from "./entities/generation-file.entity";
import { GenerationUsageEntity } from "./entities/generation-usage.entity";
import { GenerationEntity } from "./entities/generation.entity";
import { InboxEntity } from "./entities/inbox.entity";
import { NotificationEntity } from "./entities/notification.entity";
import { QueueEntity } from "./entities/queue.entity";
import { RedisEpochEntity } from "./entities/redis-epoch.entity";
import { RedisJournalEntity } from "./entities/redis-journal.entity";
import { RolePermissionEntity } from "./entities/role-permission.entity";
import { RoleEntity } from "./entities/role.entity";
import { SessionEntity } from "./entities/session.entity";
import { SettingEntity } from "./entities/setting.entity";
import { TokenEntity } from "./entities/token.entity";
import { UserRoleEntity } from "./entities/user-role.entity";
import { UserEntity } from "./entities/user.entity";
import { FirstSchema1763900000000 } from "./migrations/1763900000000-first-schema";
import { RedisEpochs1763900100000 } from "./migrations/1763900100000-redis-epochs";
import { AdminReadModels1764500000000 } from "./migrations/1764500000000-admin-read-models";
import { Delivery1764600000000 } from "./migrations/1764600000000-delivery";
import { Dispatch1764600100000 } from "./migrations/1764600100000-dispatch";

const entities = [
  ArchiveEntity,
  ArchivePartEntity,
  AuditLogEntity,
  GenerationEntity,
  GenerationEventEntity,
  GenerationFileEntity,
  GenerationFilePartEntity,
  GenerationUsageEntity,
  InboxEntity,
  NotificationEntity,
  QueueEntity,
  RedisEpochEntity,
  RedisJournalEntity,
  RoleEntity,
  RolePermissionEntity,
  SessionEntity,
  SettingEntity,
  TokenEntity,
  UserEntity,
  UserRoleEntity,
];

export const MIGRATIONS_TABLE = "schema_migrations";

/** What differs between serving and migrating. Times in milliseconds; 0 is no limit. */
export interface ConnectionLimits {
  readonly applicationName: string;
  readonly poolSize: number;
  readonly connectTimeoutMs: number;
  readonly queryTimeoutMs: number;
}

/**
 * Between the pool's handing a connection over and TypeORM's taking it nobody listens to it. A server that ends it just
 * then (a restart does) would end this process too: an `error` that nobody hears is thrown.
 */
class HeardClient extends Client {
  constructor(...parameters: ConstructorParameters<typeof Client>) {
    super(...parameters);
    this.on("error", () => undefined);
  }
}

/** TypeORM's data source with every limit set; nothing is opened yet. */
export function createDataSource(url: string, limits: ConnectionLimits): DataSource {
  const { queryTimeoutMs } = limits;
  return new DataSource({
    type: "postgres",
    url,
    entities,
    migrations: [
      FirstSchema1763900000000,
      RedisEpochs1763900100000,
      AdminReadModels1764500000000,
      Delivery1764600000000,
      Dispatch1764600100000,
    ],
    migrationsTableName: MIGRATIONS_TABLE,
    migrationsTransactionMode: "each",
    synchronize: false,
    logging: false,
    installExtensions: false,
    applicationName: limits.applicationName,
    poolSize: limits.poolSize,
    connectTimeoutMS: limits.connectTimeoutMs,
    // A broken idle connection is dropped by the pool; whoever asks next gets a new one, or the fault.
    poolErrorHandler: () => undefined,
    extra: {
      Client: HeardClient,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5000,
      idleTimeoutMillis: 30_000,
      // The server's limit doesn't fire on a dead network, the client's doesn't end the work: both.
      ...(queryTimeoutMs > 0
        ? {
            query_timeout: queryTimeoutMs + 100,
            statement_timeout: queryTimeoutMs,
            // Whoever is silent for longer than its deadline was stopped; others wait for what it has locked.
            idle_in_transaction_session_timeout: Math.ceil(queryTimeoutMs * 1.5),
          }
        : {}),
    },
  });
}
