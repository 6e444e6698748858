//! Dumps in the shape of real ones, read row by row.

use super::*;

fn rows(dump: &str, table: &str, dialect: Dialect) -> Vec<Found> {
    Rows::new(dump.as_bytes(), table, dialect).map(Result::unwrap).collect()
}

fn names(dump: &str, dialect: Dialect) -> Vec<String> {
    let name = |row: Found| row.unwrap().text("name").unwrap_or("NULL").to_owned();
    rows(dump, "users", dialect).into_iter().map(name).collect()
}

const MYSQL: &str = r"-- MySQL dump 10.13
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `users`;
CREATE TABLE `users` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(255) COLLATE utf8mb4_unicode_ci NOT NULL,
  `status` tinyint NOT NULL DEFAULT '1' COMMENT 'it''s a state; see docs',
  `level` enum('a','b') CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT NULL,
  `photo` blob,
  `created_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `users_name_unique` (`name`),
  KEY `users_index` (`status`) USING BTREE,
  CONSTRAINT `users_plan_foreign` FOREIGN KEY (`status`) REFERENCES `plans` (`id`) ON DELETE SET NULL
) ENGINE=InnoDB AUTO_INCREMENT=9 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
LOCK TABLES `users` WRITE;
/*!40000 ALTER TABLE `users` DISABLE KEYS */;
INSERT INTO `users` VALUES (1,'Ana \'A\' O\\B; --',1,'a',_binary 'x\0y',NULL),(2,'l1\nINSERT INTO `users`','-1',NULL,0x4142,'2026-01-01 00:00:00');
INSERT INTO `notes` VALUES (1,'INSERT INTO `users` VALUES (3)');
INSERT INTO `users` (`id`, `name`) VALUES (4,'It''s');
UNLOCK TABLES;
";

#[test]
fn the_statements_of_mysqldump_are_read() {
    let found = names(MYSQL, Dialect::MySql);
    assert_eq!(found, ["Ana 'A' O\\B; --", "l1\nINSERT INTO `users`", "It's"]);
    let all = rows(MYSQL, "users", Dialect::MySql);
    let second = all[1].as_ref().unwrap();
    assert_eq!((second.text("status"), second.text("level")), (Some("-1"), None));
    assert_eq!(second.text("created_at"), Some("2026-01-01 00:00:00"));
}

const POSTGRES: &str = "SET standard_conforming_strings = on;
CREATE TABLE public.users (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name character varying(200) NOT NULL,
    user_type public.user_type DEFAULT 'user'::public.user_type,
    permissions jsonb DEFAULT '{}'::jsonb,
    created_at timestamp with time zone DEFAULT now()
);
ALTER TABLE public.users OWNER TO \"user\";
COPY public.notes (id, text) FROM stdin;
1\tINSERT INTO public.users VALUES ('9', 'no');
\\.
COPY public.users (id, name, user_type, permissions, created_at) FROM stdin;
a\tJo\u{e3}o\\nSilva\tuser\t{\"a\": \"b\\\\n\"}\t2026-01-01 00:00:00+00
b\tshort
c\t\\N\tuser\t{}\t\\N
\\.
INSERT INTO public.notes VALUES (1, 'two
INSERT INTO public.users VALUES (''8'', ''no'');
lines');
INSERT INTO public.users VALUES ('d', 'It''s; two
lines \\', 'admin', '{\"x\": true}', '2026-01-01 00:00:00+00');
INSERT INTO \"public\".\"users\" (id, name) VALUES ('e', NULL);
";

#[test]
fn the_statements_of_pg_dump_are_read() {
    let found = rows(POSTGRES, "users", Dialect::Postgres);
    let told: Vec<_> = found.iter().map(|row| row.as_ref().map(|row| row.text("name"))).collect();
    assert_eq!(told[0], Ok(Some("Jo\u{e3}o\nSilva")));
    assert!(told[1].is_err_and(|unreadable| unreadable.line == 15), "{told:?}");
    assert_eq!(told[2..], [Ok(None), Ok(Some("It's; two\nlines \\")), Ok(None)]);
    let json = found[0].as_ref().unwrap().object("permissions").unwrap().unwrap();
    assert_eq!(json["a"], "b\n");
    let last = found[3].as_ref().unwrap();
    assert_eq!(last.object("permissions").unwrap().unwrap()["x"], true);
}

#[test]
fn what_is_broken_is_told_with_its_line_and_nothing_of_what_it_holds() {
    for (dump, line) in [
        ("INSERT INTO `users` VALUES (1,'x');\n", 1),
        ("\nINSERT INTO `users` (`id`) VALUES (1,'secret');\n", 2),
        ("INSERT INTO `users` (`id`) VALUES (now());\n", 1),
        ("INSERT INTO `users` (`id`) VALUES (1,, 'secret');\n", 1),
        ("INSERT INTO `users` (`id`) VALUES ('secret", 1),
        ("INSERT INTO `users` (`id`) SELECT 1;\n", 1),
    ] {
        let found = rows(dump, "users", Dialect::MySql);
        let [Err(unreadable)] = found.as_slice() else { panic!("{dump}: {found:?}") };
        assert_eq!(unreadable.line, line, "{dump}");
        assert!(!unreadable.why.contains("secret"), "{unreadable:?}");
    }
}

#[test]
fn what_follows_something_broken_is_read() {
    let dump =
        "INSERT INTO `users` (`name`) VALUES (1,,2);\nINSERT INTO `users` (`name`) VALUES ('b');\n";
    let found = rows(dump, "users", Dialect::MySql);
    assert!(found[0].is_err() && found[1].is_ok() && found.len() == 2, "{found:?}");
}

proptest::proptest! {
    /// Whatever is in a dump, reading it ends without a panic.
    #[test]
    fn nothing_in_a_dump_stops_the_reader(parts in proptest::collection::vec(
        "(INSERT INTO users|COPY users \\(id\\) FROM stdin;|VALUES \\(|'|\\\\|\"|`|;|\n|\\(|\\)|,|[ -~]{0,8})", 0..40)) {
        let dump = parts.concat();
        for dialect in [Dialect::MySql, Dialect::Postgres] {
            let _ = Rows::new(dump.as_bytes(), "users", dialect).count();
        }
    }

    /// A text that is written as `COPY` does is read as it was.
    #[test]
    fn texts_survive_copy(text in "[a-z\\\\\n\t\r']{1,20}") {
        let cell = text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t").replace('\r', "\\r");
        let dump = format!("COPY users (name) FROM stdin;\n{cell}\n\\.\n");
        let found = rows(&dump, "users", Dialect::Postgres);
        let expected = Row::new(&["name".to_owned()], vec![Some(text)]).unwrap();
        proptest::prop_assert_eq!(found, vec![Ok(expected)]);
    }
}
