//! Small dumps in the shape of the old systems' own.

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use serde_json::json;
use zelador_actors::engine::Clock;

fn hash(password: &str) -> String {
    bcrypt::hash(password, 4).unwrap()
}

/// A text between quotes, as mysqldump writes it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('"', "\\\""))
}

fn payload(job: &str, user: u32) -> String {
    let class = format!("App\\Jobs\\{job}");
    let command = format!(
        "O:{}:\"{class}\":1:{{s:4:\"user\";O:45:\"Illuminate\\Contracts\\Database\\ModelIdentifier\":2:\
         {{s:5:\"class\";s:15:\"App\\Models\\User\";s:2:\"id\";i:{user};}}}}",
        class.len()
    );
    let data = json!({"commandName": class, "command": command});
    quoted(&json!({"displayName": class, "maxTries": 3, "data": data}).to_string())
}

/// Four users, the last without an address that is one; four jobs, one failed.
pub(crate) fn laravel() -> String {
    let hash = hash("de siempre").replace("$2b$", "$2y$");
    let ana = quoted("Ana \"La Jefa\" O'Higgins");
    let [ban, cloud, sync, test] = [
        payload("ScheduledBanUserJob", 1),
        payload("CreateNextcloudUser", 3),
        payload("SyncWisproClients", 1),
        payload("TestJob", 1),
    ];
    format!(
        "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `failed_jobs`;
CREATE TABLE `failed_jobs` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `uuid` varchar(255) COLLATE utf8mb4_unicode_ci NOT NULL,
  `payload` longtext COLLATE utf8mb4_unicode_ci NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO `failed_jobs` VALUES (1,'u-1',{test});
CREATE TABLE `jobs` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `queue` varchar(255) COLLATE utf8mb4_unicode_ci NOT NULL,
  `payload` longtext COLLATE utf8mb4_unicode_ci NOT NULL,
  `available_at` int unsigned NOT NULL,
  PRIMARY KEY (`id`),
  KEY `jobs_queue_index` (`queue`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
LOCK TABLES `jobs` WRITE;
INSERT INTO `jobs` VALUES (1,'default',{ban},4102394400),(2,'default',{cloud},1700000000),(3,'default',{sync},1700000000);
UNLOCK TABLES;
CREATE TABLE `users` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(255) COLLATE utf8mb4_unicode_ci NOT NULL,
  `email` varchar(255) COLLATE utf8mb4_unicode_ci DEFAULT NULL,
  `password` varchar(255) COLLATE utf8mb4_unicode_ci NOT NULL,
  `status` tinyint NOT NULL DEFAULT '1',
  `zone` varchar(255) COLLATE utf8mb4_unicode_ci DEFAULT NULL,
  `next_status` tinyint DEFAULT NULL,
  `scheduled_status_change_at` datetime DEFAULT NULL,
  `scheduled_ban_reason` text COLLATE utf8mb4_unicode_ci,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO `users` VALUES (1,{ana},'ana@sol.example','{hash}',1,'Norte',4,'2099-12-24 12:00:00','deuda'),\
(2,'Beto','beto@sol.example','{hash}',4,NULL,NULL,NULL,NULL),(3,'Caro',NULL,'{hash}',1,NULL,NULL,NULL,NULL);
INSERT INTO `users` VALUES (4,'Dani','no address','{hash}',1,NULL,NULL,NULL,NULL);
"
    )
}

/// The day after tomorrow.
fn soon() -> String {
    let now: Timestamp = Clock::system().now().to_jiff();
    let day = now.to_zoned(TimeZone::UTC).date().checked_add(2.days()).unwrap();
    day.to_string()
}

/// One booking that stands, one that is over, one called off, one of a resource
/// that is nowhere.
pub(crate) fn bookings() -> String {
    let day = soon();
    format!(
        "--\n-- PostgreSQL database dump\n--\nSET standard_conforming_strings = on;
COPY public.bookings (id, tenant_id, resource_id, user_id, client_id, start_time, end_time, status, notes, recurring_enabled, recurring_pattern) FROM stdin;
b-1\tt-1\tr-1\tu-1\tu-1\t{day} 14:00:00+00\t{day} 15:00:00+00\tconfirmado\tAula\\nde spinning\tf\t\\N
b-2\tt-1\tr-1\tu-1\tu-1\t2025-12-05 14:00:00+00\t2025-12-05 15:00:00+00\tpendente\t\\N\tf\t\\N
b-3\tt-1\tr-1\tu-1\tu-1\t{day} 16:00:00+00\t{day} 17:00:00+00\tcancelado\t\\N\tf\t\\N
b-4\tt-1\tr-9\tu-1\tu-1\t{day} 16:00:00+00\t{day} 17:00:00+00\tpendente\t\\N\tf\t\\N
\\.
"
    )
}

/// The other services' tables; users as `--inserts` writes them.
pub(crate) fn services() -> String {
    let hash = hash("segredo1");
    let week = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let hours = json!([{"start": "08:00", "end": "18:00"}]);
    let week: serde_json::Map<_, _> =
        week.into_iter().map(|day| (day.to_owned(), hours.clone())).collect();
    let week = serde_json::Value::Object(week);
    format!(
        "COPY public.categories (id, tenant_id, name, description, type, icon, color, is_active) FROM stdin;
c-1\tt-1\tSalas\t\\N\tfisico\troom\t#4CAF50\tt
\\.
COPY public.resources (id, tenant_id, category_id, name, capacity, location, attributes, availability_schedule, is_active) FROM stdin;
r-1\tt-1\tc-1\tSala 1\t20\tAndar 2\t{{\"bikes\": 20}}\t{week}\tt
\\.
CREATE TABLE public.tenants (
    id character varying NOT NULL,
    name character varying(200) NOT NULL,
    domain character varying(254),
    plan public.tenantplan DEFAULT 'trial'::public.tenantplan NOT NULL,
    settings jsonb DEFAULT '{{}}'::jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
INSERT INTO public.tenants VALUES ('t-1', 'Academia Sol', 'sol.example', 'profissional', '{{\"timezone\": \"UTC\", \"booking_interval\": 60, \"working_hours_start\": \"06:00:00\", \"working_hours_end\": \"22:00:00\"}}', '2025-01-01 00:00:00+00');
INSERT INTO public.users (id, tenant_id, name, email, user_type, permissions, hashed_password, is_active) VALUES ('u-1', 't-1', 'João D''Ávila', 'joao@sol.example', 'user', '{{\"can_book\": true}}', '{hash}', true);
INSERT INTO public.users (id, tenant_id, name, email, user_type, permissions, hashed_password, is_active) VALUES ('u-2', 't-1', 'Rita', 'rita@sol.example', 'admin', NULL, NULL, true);
COPY public.webhooks (id, tenant_id, url, events, secret, is_active) FROM stdin;
w-1\tt-1\thttps://example.com/webhook\t[\"booking.created\", \"booking.cancelled\"]\tmeu-secret-opcional-comprido\tt
\\.
"
    )
}
